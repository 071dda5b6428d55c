package probe

import (
	"recfin/probe/fmp4"
	"recfin/probe/mpegts"
)

// Damage counts what of a stream is missing, wrong, or of no use to a demuxer.
type Damage struct {
	Bytes   int64 // passed over: they are no packet, no frame and no box
	Packets int64 // missing by their counters, cut, flagged as wrong, encrypted, or of no stream that is known
	Tables  int64 // sections, packet headers and boxes that cannot be read or contradict others
	Units   int64 // access units that were cut, or have no time or description: kept or dropped
}

// Any reports whether there is any.
func (d Damage) Any() bool { return d != Damage{} }

// Plus adds what was met elsewhere.
func (d Damage) Plus(o Damage) Damage {
	return Damage{d.Bytes + o.Bytes, d.Packets + o.Packets, d.Tables + o.Tables, d.Units + o.Units}
}

// Omitted is what the samples of a demuxer do not show of its input.
type Omitted struct {
	Damage
	Data int64 // packets or events of data beside pictures and sound
	// What a container declares, and where samples of it are is not told: streams
	// and programs that are passed over, and what its tables say beyond the samples.
	Streams int64
	// DataStreams are those of data of which the same is true.
	DataStreams int64
}

// Less is what came since o was told of the same demuxer.
func (m Omitted) Less(o Omitted) Omitted {
	return Omitted{
		Damage: Damage{m.Bytes - o.Bytes, m.Packets - o.Packets, m.Tables - o.Tables, m.Units - o.Units},
		Data:   m.Data - o.Data, Streams: m.Streams - o.Streams, DataStreams: m.DataStreams - o.DataStreams,
	}
}

// OmittedBy tells what a demuxer has met since it was made. Counters of packets
// that begin anew with a segment are no damage: nothing of either segment is
// missing.
func OmittedBy(d Demuxer) Omitted {
	switch d := d.(type) {
	case *mpegts.Demuxer:
		s := d.Stats()
		return Omitted{
			Damage: Damage{
				Bytes: s.SkippedBytes + s.JunkBytes,
				Packets: s.ContinuityErrors - s.Restarts + s.TransportErrors + s.Scrambled + s.SyncLosses + s.CutPackets +
					s.UnknownPackets + s.Headless,
				Tables: s.BadSections + s.BadPES,
				Units:  s.Truncated + s.Damaged - s.OpenAtRestart + s.NoParameters + s.Soundless + s.Undescribed + s.Timeless,
			},
			Data:    s.DataPackets,
			Streams: int64(len(s.Unsupported)+s.Programs) + s.Guessed,
		}
	case *fmp4.Demuxer:
		s := d.Stats()
		return Omitted{
			Damage: Damage{
				Bytes:  s.JunkBytes,
				Tables: s.CutBoxes + s.BadBoxes + s.Strays + s.Rebased,
				Units:  s.Truncated + s.Damaged + s.Empty + s.NoParameters,
			},
			Data:    s.Events,
			Streams: s.Edits + s.Hidden + s.Matrices, DataStreams: int64(len(s.Data)),
		}
	}
	return Omitted{Streams: 1} // a demuxer that tells nothing
}
