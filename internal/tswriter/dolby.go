package tswriter

// AC3 describes a sync frame of AC-3 (ETSI TS 102 366 §4.3, §4.4).
type AC3 struct {
	Fscod, Frmsizecod, Bsid, Bsmod, Acmod uint32 // Bsid 0 means 8
	LFE                                   bool
	Fill                                  byte // fills the frame
}

// kbits are the bit rates of AC-3 by frmsizecod / 2.
var kbits = [...]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}

// Size is how many bytes the frame has: as many as the bit rate brings in 1536
// samples, in whole words of 16 bits.
func (a AC3) Size() int {
	rate := [...]int{48000, 44100, 32000}[a.Fscod]
	words := kbits[a.Frmsizecod/2] * 1000 * 1536 / rate / 16
	if a.Fscod == 1 {
		words += int(a.Frmsizecod & 1)
	}
	return 2 * words
}

// Frame gives the bytes. Checksums are zeros.
func (a AC3) Frame() []byte {
	var w bits
	w.put(0x0b77, 16)
	w.put(0, 16)
	w.put(a.Fscod, 2)
	w.put(a.Frmsizecod, 6)
	if a.Bsid == 0 {
		a.Bsid = 8
	}
	w.put(a.Bsid, 5)
	w.put(a.Bsmod, 3)
	w.put(a.Acmod, 3)
	if a.Acmod&1 != 0 && a.Acmod != 1 {
		w.put(1, 2)
	}
	if a.Acmod&4 != 0 {
		w.put(1, 2)
	}
	if a.Acmod == 2 {
		w.put(1, 2)
	}
	w.flag(a.LFE)
	return w.filled(a.Size(), a.Fill)
}

// filled ends with bytes of one value, up to n of them all in all.
func (w *bits) filled(n int, fill byte) []byte {
	for w.n%8 != 0 {
		w.put(0, 1)
	}
	for len(w.b) < n {
		w.b = append(w.b, fill)
	}
	return w.b
}

// EAC3 describes a sync frame of E-AC-3 (ETSI TS 102 366 §E.1.2).
type EAC3 struct {
	Type, ID              uint32 // strmtyp, substreamid
	Size                  int    // bytes, even
	Fscod, Code           uint32 // Code is numblkscod, or fscod2 with Fscod 3
	Acmod, Bsmod          uint32
	LFE                   bool
	ChanMap               uint32 // 0: none is sent
	Mixing, Info, MixLong bool   // metadata is there; with a long field of mixing data
	First                 bool   // convsync
	Objects               uint32 // complexity of joint object coding; 0: none
	Fill                  byte
}

// Frame gives the bytes.
func (e EAC3) Frame() []byte {
	var w bits
	w.put(0x0b77, 16)
	w.put(e.Type, 2)
	w.put(e.ID, 3)
	w.put(uint32(e.Size/2-1), 11)
	w.put(e.Fscod, 2)
	w.put(e.Code, 2)
	w.put(e.Acmod, 3)
	w.flag(e.LFE)
	w.put(16, 5)
	w.put(27, 5)
	w.put(0x1aa, 9) // compr
	if e.Acmod == 0 {
		w.put(27, 5)
		w.put(0, 1)
	}
	if e.Type == 1 {
		w.flag(e.ChanMap != 0)
		if e.ChanMap != 0 {
			w.put(e.ChanMap, 16)
		}
	}
	six := e.Fscod == 3 || e.Code == 3
	w.flag(e.Mixing)
	if e.Mixing {
		e.mixing(&w, six)
	}
	w.flag(e.Info)
	if e.Info {
		e.info(&w)
	}
	if e.Type == 0 && !six {
		w.flag(e.First)
	}
	if e.Type == 2 {
		if !six {
			w.put(1, 1)
		}
		w.put(0x15, 6)
	}
	w.flag(e.Objects > 0)
	if e.Objects > 0 {
		w.put(1, 6)
		w.put(1, 8)
		w.put(e.Objects, 8)
	}
	return w.filled(e.Size, e.Fill)
}

func (e EAC3) mixing(w *bits, six bool) {
	if e.Acmod > 2 {
		w.put(2, 2)
	}
	if e.Acmod&1 != 0 && e.Acmod > 2 {
		w.put(0x25, 6)
	}
	if e.Acmod&4 != 0 {
		w.put(0x25, 6)
	}
	if e.LFE {
		w.put(0x2f, 6)
	}
	if e.Type != 0 {
		return
	}
	w.put(0x7f, 7)
	if e.Acmod == 0 {
		w.put(0x7f, 7)
	}
	w.put(0, 1)
	if e.MixLong {
		w.put(3, 2)
		w.put(4, 5)
		w.put(0xffffff, 24)
		w.put(0xffffff, 24)
	} else {
		w.put(2, 2)
		w.put(0xfff, 12)
	}
	if e.Acmod < 2 {
		w.put(0x7fff, 15)
	}
	if e.Acmod == 0 {
		w.put(0, 1)
	}
	w.put(1, 1)
	if !six && e.Code == 0 {
		w.put(0x15, 5)
		return
	}
	blocks := []int{1, 2, 3, 6}[e.Code]
	if six {
		blocks = 6
	}
	for i := range blocks {
		if i%2 == 0 {
			w.put(0x3f, 6)
		} else {
			w.put(0, 1)
		}
	}
}

func (e EAC3) info(w *bits) {
	w.put(e.Bsmod, 3)
	w.put(3, 2)
	if e.Acmod == 2 {
		w.put(5, 4)
	}
	if e.Acmod >= 6 {
		w.put(1, 2)
	}
	w.put(0x1ff, 9)
	if e.Acmod == 0 {
		w.put(0, 1)
	}
	if e.Fscod < 3 {
		w.put(1, 1)
	}
}
