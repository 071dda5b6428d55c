package remux

import "recfin/mp4"

// silentEAC3 gives a syncframe of one independent substream of six blocks, just
// as long as it must be; nil for an entry with other substreams.
func silentEAC3(a *mp4.EAC3) []byte {
	if len(a.Substreams) != 1 {
		return nil
	}
	s := &a.Substreams[0]
	if s.Dependent != 0 || s.Fscod > 2 || s.Acmod > 7 || s.Bsid < 11 || s.Bsid > 16 {
		return nil
	}
	w := &bitWriter{}
	w.put(0x0b77, 16)
	w.zero(2 + 3 + 11) // strmtyp, substreamid, frmsiz: below
	w.put(uint32(s.Fscod), 2)
	w.put(3, 2) // numblkscod: six blocks
	w.put(uint32(s.Acmod), 3)
	w.flag(s.LFE)
	w.put(uint32(s.Bsid), 5)
	programs := 1
	if s.Acmod == acDual {
		programs = 2
	}
	for range programs {
		w.put(31, 5) // dialnorm
		w.zero(1)    // compre
	}
	w.zero(3) // mixmdate, infomdate, addbsie
	eac3Frame(w, s)
	for block := range 6 {
		eac3Block(w, s, block == 0)
	}
	frame := make([]byte, (len(w.b)+1)/2*2+2)
	copy(frame, w.b)
	size := len(frame)/2 - 1 // words less one
	frame[2] |= byte(size >> 8)
	frame[3] = byte(size)
	crc := crc16(0, frame[2:len(frame)-2])
	frame[len(frame)-2], frame[len(frame)-1] = byte(crc>>8), byte(crc)
	return frame
}

// eac3Frame writes the audio frame information (§E.1.2.3).
func eac3Frame(w *bitWriter, s *mp4.EAC3Substream) {
	n := fullChannels[s.Acmod]
	w.put(1, 1) // expstre: exponent strategies by block
	w.zero(1)   // ahte
	w.zero(2)   // snroffststr: one for the frame
	w.zero(2)   // transproce, blkswe
	w.put(1, 1) // dithflage
	w.zero(5)   // bamode, frmfgaincode, dbaflde, skipflde, spxattene
	if s.Acmod > 1 {
		w.zero(1 + 5) // cplinu of the first block, cplstre of the others
	}
	for block := range 6 {
		for range n {
			if block == 0 {
				w.put(expD45, 2)
			} else {
				w.zero(2)
			}
		}
	}
	if s.LFE {
		w.put(1<<5, 6) // lfeexpstr of the blocks
	}
	w.zero(5 * n) // convexpstr
	w.zero(6 + 4) // frmcsnroffst, frmfsnroffst
	w.zero(1)     // blkstrtinfoe
}

// eac3Block writes an audio block (§E.1.2.4).
func eac3Block(w *bitWriter, s *mp4.EAC3Substream, first bool) {
	n := fullChannels[s.Acmod]
	w.zero(n + 1) // dithflag, dynrnge
	if s.Acmod == acDual {
		w.zero(1)
	}
	w.zero(1) // spxinu or spxstre
	if s.Acmod == acStereo {
		if first {
			w.zero(4) // rematflg
		} else {
			w.zero(1) // rematstr
		}
	}
	if first {
		w.zero(6 * n) // chbwcod
		for range n {
			flatExponents(w, true)
			w.zero(2) // gainrng
		}
		if s.LFE {
			flatExponents(w, false)
		}
	}
	w.zero(1) // convsnroffste
}
