package mpegts

// Stats counts what a Demuxer met since New.
type Stats struct {
	Packets          int64 // of 188 bytes, null packets included
	Duplicates       int64 // packets sent twice (ISO/IEC 13818-1 §2.4.3.3), dropped
	ContinuityErrors int64 // counters out of step without a discontinuity_indicator
	Restarts         int64 // of those, counters that begin anew with a segment: another muxer wrote it
	OpenAtRestart    int64 // of Damaged, pictures that were open then: all that there is of them was kept
	TransportErrors  int64 // packets with transport_error_indicator, used all the same
	Scrambled        int64 // packets of media that are encrypted, dropped
	SyncLosses       int64 // places where the sync byte was missing
	SkippedBytes     int64 // bytes passed over to find the next packet
	CutPackets       int64 // packets cut by the end of a segment, dropped
	BadSections      int64 // PAT or PMT sections with a wrong checksum or form
	BadPES           int64 // PES packets without a readable header
	UnknownPackets   int64 // packets of PIDs that no map names
	DataPackets      int64 // packets of data PIDs (ID3, SCTE-35, teletext, …)
	Headless         int64 // packets before the first PES header of their PID
	Untimed          int64 // access units whose time had to be derived
	Truncated        int64 // access units dropped because they were cut
	Damaged          int64 // access units that were kept although packets of them may be missing
	NoParameters     int64 // pictures dropped because no parameter sets ever came
	Soundless        int64 // streams of sound with payload in which no frame was found
	Undescribed      int64 // audio frames dropped because no configuration ever came
	Timeless         int64 // access units dropped because no timestamp ever came
	JunkBytes        int64 // bytes between audio frames
	Guessed          int64 // programs that no PAT and PMT named, made of what the packets hold
	Programs         int   // further programs in the PAT, passed over

	Data        []uint16      // data PIDs, ascending
	Unsupported []Unsupported // audio and video that cannot be demuxed, by PID
}

// Unsupported names an elementary stream that the demuxer passes over.
type Unsupported struct {
	PID  uint16
	Type uint8  // stream_type
	Name string // "HEVC", "AC-3", … or "audio or video"
}
