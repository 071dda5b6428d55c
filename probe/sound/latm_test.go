package sound

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
)

// heard runs elements through one LATM.
func heard(m *LATM, elements ...[]byte) (payloads [][]byte, err error) {
	var buf []byte
	for _, e := range elements {
		buf, err = m.Read(e, buf, func(p []byte) error {
			payloads = append(payloads, bytes.Clone(p))
			return nil
		})
		if err != nil {
			break
		}
	}
	return payloads, err
}

func TestLATM(t *testing.T) {
	lc := unhex("1190")
	long := bytes.Repeat([]byte("payload"), 100) // 700 bytes: 255 + 255 + 190
	for name, c := range map[string]struct {
		in     tswriter.LATM
		config string
	}{
		"as most send it":        {tswriter.LATM{ASC: lc, Payloads: [][]byte{long}}, "1190"},
		"several frames":         {tswriter.LATM{ASC: lc, Payloads: [][]byte{long, []byte("b"), long[:255], long[:254]}}, "1190"},
		"version 1":              {tswriter.LATM{ASC: unhex("131056e598"), Version: 1, Payloads: [][]byte{long}}, "131056e598"},
		"13 bits of config":      {tswriter.LATM{ASC: unhex("1798"), ASCBits: 16, Version: 1, Payloads: [][]byte{long}}, ""},
		"HE-AAC":                 {tswriter.LATM{ASC: unhex("2b118800"), ASCBits: 25, Payloads: [][]byte{long}}, "2b118800"},
		"constant length":        {tswriter.LATM{ASC: lc, Constant: true, Payloads: [][]byte{long[:300], long[300:600]}}, "1190"},
		"other data":             {tswriter.LATM{ASC: lc, Other: 1000, Check: true, Payloads: [][]byte{long, long}}, "1190"},
		"other data, version 1":  {tswriter.LATM{ASC: lc, Other: 1000, Version: 1, Payloads: [][]byte{long}}, "1190"},
		"low delay, with length": {tswriter.LATM{ASC: unhex("f8e65400"), Version: 1, Payloads: [][]byte{long}}, "f8e65400"},
		"channels of its own":    {tswriter.LATM{ASC: pceConfig(), Payloads: [][]byte{long}}, string(pceConfig())},
	} {
		var m LATM
		got, err := heard(&m, c.in.Element())
		if c.config == "" {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			continue
		}
		want := []byte(c.config)
		if len(c.config) <= 10 {
			want = unhex(c.config)
		}
		if err != nil || len(got) != len(c.in.Payloads) || !bytes.Equal(m.Entry().Config, want) {
			t.Errorf("%s: %d payloads, %+v, %v", name, len(got), m.Entry(), err)
			continue
		}
		for i, p := range c.in.Payloads {
			if !bytes.Equal(got[i], p) {
				t.Errorf("%s: payload %d is %q", name, i, got[i])
			}
		}
	}
}

func pceConfig() []byte {
	p, _ := ReadPCE(tswriter.PCE("comment", nil))
	return p.ASC(2, 3)
}

func TestLATMErrors(t *testing.T) {
	good := tswriter.LATM{ASC: unhex("1190"), Payloads: [][]byte{[]byte("payload")}}
	same := good
	same.Same = true
	programs := good
	programs.Programs = 1
	delay := good
	delay.ASC = unhex("f8e65400") // of which nobody knows where it ends
	bad := good
	bad.ASC = unhex("1690")
	for name, c := range map[string]struct {
		element []byte
		want    error
	}{
		"no config yet":          {same.Element(), ErrNoConfig},
		"two programs":           {programs.Element(), ErrForeign},
		"config without its end": {delay.Element(), ErrForeign},
		"bad config":             {bad.Element(), ErrConfig},
		"cut":                    {good.Element()[:9], ErrConfig},
		"cut in the config":      {good.Element()[:3], ErrConfig},
		"nothing":                {nil, ErrConfig},
		"reserved version":       {[]byte{0x60, 0, 0}, ErrForeign},
		"own framing":            {[]byte{0, 0, 0, 0}, ErrForeign},
	} {
		var m LATM
		if got, err := heard(&m, c.element); !errors.Is(err, c.want) || len(got) > 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	var m LATM
	got, err := heard(&m, good.Element(), same.Element(), good.Element())
	if err != nil || len(got) != 3 {
		t.Errorf("%d payloads, %v", len(got), err)
	}
	e := m.Entry()
	if _, err := heard(&m, bad.Element(), good.Element()); !errors.Is(err, ErrConfig) || m.Entry() != e {
		t.Errorf("a bad config: %v, %+v", err, m.Entry())
	}
	other := good
	other.ASC = unhex("1188")
	if err := m.Learn(other.Element()); err != nil || m.Entry() == e || m.Entry().Channels != 1 {
		t.Errorf("another config: %+v, %v", m.Entry(), err)
	}
}

// What is written comes back, in any form.
func TestLATMRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := tswriter.LATM{
			ASC:     rapid.SampledFrom([][]byte{unhex("1190"), unhex("1208"), pceConfig()}).Draw(t, "config"),
			Version: rapid.Uint32Range(0, 1).Draw(t, "version"),
			Other:   rapid.IntRange(0, 70000).Draw(t, "other") % 65536 * rapid.IntRange(0, 1).Draw(t, "has other"),
			Check:   rapid.Bool().Draw(t, "check"),
		}
		for range rapid.IntRange(1, 64).Draw(t, "frames") {
			l.Payloads = append(l.Payloads, bytes.Repeat([]byte{0xa5, 3}, rapid.IntRange(1, 300).Draw(t, "size")))
		}
		var m LATM
		got, err := heard(&m, l.Element())
		if err != nil || len(got) != len(l.Payloads) || !bytes.Equal(m.Entry().Config, l.ASC) {
			t.Fatalf("%d of %d payloads, %v", len(got), len(l.Payloads), err)
		}
		for i := range got {
			if !bytes.Equal(got[i], l.Payloads[i]) {
				t.Fatalf("payload %d: %x", i, got[i])
			}
		}
	})
}

func FuzzLATM(f *testing.F) {
	good := tswriter.LATM{ASC: unhex("1190"), Payloads: [][]byte{[]byte("payload")}}
	f.Add(good.Element(), []byte{0x80, 1, 2})
	f.Add(tswriter.LATM{ASC: unhex("2b118800"), ASCBits: 25, Version: 1, Other: 30, Check: true, Payloads: [][]byte{{1}, {2}}}.Element(), good.Element()[:5])
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var m LATM
		got, _ := heard(&m, a, b)
		n := 0
		for _, p := range got {
			n += len(p)
		}
		if n > len(a)+len(b) || len(got) > 0 && m.Entry() == nil {
			t.Fatalf("%d bytes out of %d", n, len(a)+len(b))
		}
	})
}
