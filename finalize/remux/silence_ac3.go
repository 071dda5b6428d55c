package remux

import "recfin/mp4"

// The frames of silence of AC-3 and E-AC-3 (ETSI TS 102 366 §4.3, §E.1.2) have
// exponents in their first block, no coupling, no dither, and SNR offsets of 0,
// for which no bits are allocated to mantissas (§6.2.2.7), so all are 0.

// fullChannels are the channels of an audio coding mode, without LFE (§4.4.2.3).
var fullChannels = [8]int{2, 1, 2, 3, 3, 4, 4, 5}

const (
	acDual   = 0
	acStereo = 2
	ac3Bits  = 19 // bit rates of table 4.13
)

// ac3Kbps are the bit rates by code (table 4.13).
var ac3Kbps = [ac3Bits]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}

// ac3Rates are the sample rates by fscod.
var ac3Rates = [3]int{48000, 44100, 32000}

// silentAC3 gives a syncframe of the bit rate of the entry, nil for an entry
// that no frame has.
func silentAC3(a *mp4.AC3) []byte {
	if a.Fscod > 2 || a.Bsid > 8 || a.Acmod > 7 || a.Bsmod > 7 || a.BitRateCode >= ac3Bits {
		return nil
	}
	w := &bitWriter{}
	w.put(0x0b77, 16)
	w.zero(16) // crc1, below
	w.put(uint32(a.Fscod), 2)
	w.put(uint32(a.BitRateCode)*2, 6)
	w.put(uint32(a.Bsid), 5)
	w.put(uint32(a.Bsmod), 3)
	w.put(uint32(a.Acmod), 3)
	if a.Acmod&1 != 0 && a.Acmod != 1 {
		w.zero(2) // cmixlev
	}
	if a.Acmod&4 != 0 {
		w.zero(2) // surmixlev
	}
	if a.Acmod == acStereo {
		w.zero(2) // dsurmod
	}
	w.flag(a.LFE)
	programs := 1
	if a.Acmod == acDual {
		programs = 2
	}
	for range programs {
		w.put(31, 5) // dialnorm
		w.zero(3)    // compre, langcode, audprodie
	}
	w.zero(2 + 3) // copyrightb, origbs, timecod1e, timecod2e or xbsi1e, xbsi2e, addbsie
	for block := range 6 {
		ac3Block(w, a, block == 0)
	}
	words := 96 * ac3Kbps[a.BitRateCode] * 1000 / ac3Rates[a.Fscod]
	if len(w.b) > words*2-2 {
		return nil
	}
	frame := make([]byte, words*2)
	copy(frame, w.b)
	head := (words>>1 + words>>3) * 2 // the first five eighths
	crc1 := ac3Crc1(frame[4:head])
	frame[2], frame[3] = byte(crc1>>8), byte(crc1)
	crc2 := crc16(0, frame[2:len(frame)-2])
	frame[len(frame)-2], frame[len(frame)-1] = byte(crc2>>8), byte(crc2)
	return frame
}

// ac3Block writes an audio block (§4.3.3).
func ac3Block(w *bitWriter, a *mp4.AC3, first bool) {
	n := fullChannels[a.Acmod]
	w.zero(2 * n) // blksw, dithflag
	w.zero(1)     // dynrnge
	if a.Acmod == acDual {
		w.zero(1)
	}
	w.flag(first) // cplstre
	if first {
		w.zero(1) // cplinu
	}
	if a.Acmod == acStereo {
		w.flag(first) // rematstr
		if first {
			w.zero(4) // rematflg
		}
	}
	if !first {
		w.zero(2 * n) // chexpstr: reuse
		if a.LFE {
			w.zero(1)
		}
		w.zero(4) // baie, snroffste, deltbaie, skiple
		return
	}
	for range n {
		w.put(expD45, 2)
	}
	if a.LFE {
		w.put(1, 1) // lfeexpstr
	}
	w.zero(6 * n) // chbwcod
	for range n {
		flatExponents(w, true)
		w.zero(2) // gainrng
	}
	if a.LFE {
		flatExponents(w, false)
	}
	w.put(1, 1)   // baie
	w.zero(11)    // sdcycod, fdcycod, sgaincod, dbpbcod, floorcod
	w.put(1, 1)   // snroffste
	w.zero(6)     // csnroffst
	w.zero(7 * n) // fsnroffst, fgaincod
	if a.LFE {
		w.zero(7)
	}
	w.zero(2) // deltbaie, skiple
}

// expD45 is the exponent strategy in which groups of four share an exponent.
const expD45 = 3

// flatExponents writes the exponents of a channel of the narrowest bandwidth in
// strategy D45, or of the LFE channel in D15: all are 15 (§4.4.3).
func flatExponents(w *bitWriter, full bool) {
	const (
		level = 15
		same  = 62 // three differences of 0: 25·2 + 5·2 + 2
	)
	groups := 2
	if full {
		groups = 6
	}
	w.put(level, 4)
	for range groups {
		w.put(same, 7)
	}
}

// ac3Crc1 is the word that, in front of rest, makes the CRC of both zero. The
// CRC is linear, so each bit of the word adds its own share.
func ac3Crc1(rest []byte) uint16 {
	target := crc16(0, append([]byte{0, 0}, rest...))
	var share, of [16]uint16 // share[i] of the word of[i], reduced to distinct leading bits
	for i := range 16 {
		word := uint16(1) << i
		v := crc16(0, append([]byte{byte(word >> 8), byte(word)}, rest...)) ^ target
		for b := 15; b >= 0 && v != 0; b-- {
			if v>>b&1 == 0 {
				continue
			}
			if share[b] == 0 {
				share[b], of[b] = v, word
				break
			}
			v, word = v^share[b], word^of[b]
		}
	}
	var crc uint16
	for b := 15; b >= 0; b-- {
		if target>>b&1 != 0 {
			target, crc = target^share[b], crc^of[b]
		}
	}
	return crc
}
