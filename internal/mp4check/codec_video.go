package mp4check

import (
	"bytes"
	"fmt"
)

// avcC reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1).
func avcC(c *in, _ uint32, _ int) error {
	begin := c.b[:min(6, len(c.b))]
	version, profile, compatible, level := c.u8(), c.u8(), c.u8(), c.u8()
	lengths, count := c.u8(), c.u8()
	if version != 1 || lengths != 0xff || count&0xe0 != 0xe0 || count == 0xe0 {
		return fmt.Errorf("begins with % x", begin)
	}
	for i := range int(count & 31) {
		sps := c.take(c.u16())
		if c.short || len(sps) < 4 || sps[0]&31 != 7 {
			return fmt.Errorf("SPS %d is none", i)
		}
		if i == 0 && (sps[1] != profile || sps[2] != compatible || sps[3] != level) {
			return fmt.Errorf("says profile %d, level %d, SPS % x", profile, level, sps[:4])
		}
	}
	pictures := int(c.u8())
	for i := range pictures {
		if pps := c.take(c.u16()); c.short || len(pps) < 2 || pps[0]&31 != 8 {
			return fmt.Errorf("PPS %d is none", i)
		}
	}
	if pictures == 0 {
		return fmt.Errorf("no PPS")
	}
	if profile != 66 && profile != 77 && profile != 88 {
		if a, b, d, ext := c.u8(), c.u8(), c.u8(), c.u8(); a&0xfc != 0xfc || b&0xf8 != 0xf8 || d&0xf8 != 0xf8 || ext != 0 {
			return fmt.Errorf("ends with %x %x %x %x", a, b, d, ext)
		}
	}
	return nil
}

// hvcC reads an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1) and
// compares what it says with its sequence parameter sets (ITU-T H.265 §7.3.2.2).
func hvcC(c *in, _ uint32, _ int) error {
	version, general := c.u8(), c.take(12)
	segmentation, parallelism, chroma := c.u16(), c.u8(), c.u8()
	luma, depth := c.u8(), c.u8()
	c.take(2)
	layers, arrays := c.u8(), int(c.u8())
	if version != 1 || segmentation&0xf000 != 0xf000 || parallelism&0xfc != 0xfc || chroma&0xfc != 0xfc ||
		luma&0xf8 != 0xf8 || depth&0xf8 != 0xf8 || layers&3 != 3 {
		return fmt.Errorf("version %d, %x, %x, %x, %x, %x, %x", version, segmentation, parallelism, chroma, luma, depth, layers)
	}
	have := map[byte]int{}
	agrees := false
	for range arrays {
		kind, count := c.u8(), c.u16()
		if kind < 0x80+32 || kind > 0x80+34 || count == 0 || have[kind&63] > 0 {
			return fmt.Errorf("array %#x of %d sets", kind, count)
		}
		have[kind&63] = count
		for i := range count {
			set := c.take(c.u16())
			if c.short || len(set) < 3 || set[0] != kind&63<<1 {
				return fmt.Errorf("set %d of type %d is none", i, kind&63)
			}
			if kind&63 == 33 {
				// Sub-layers, nesting; then the general profile, tier and level.
				raw := bytes.ReplaceAll(set, []byte{0, 0, 3}, []byte{0, 0})
				agrees = agrees || len(raw) >= 15 && bytes.Equal(raw[3:15], general) &&
					raw[2]>>1&7+1 == layers>>3&7 && raw[2]&1 == layers>>2&1
			}
		}
	}
	if have[33] == 0 || have[34] == 0 || !agrees {
		return fmt.Errorf("sets by type are %v, and general % x with layers %#x agrees with no SPS", have, general, layers)
	}
	return nil
}

// av1C reads an AV1CodecConfigurationRecord ("AV1 Codec ISO Media File Format
// Binding" §2.3.3), and the headers of its OBUs.
func av1C(c *in, _ uint32, _ int) error {
	marker, profile, _, delay := c.u8(), c.u8(), c.u8(), c.u8()
	if c.short || marker != 0x81 || profile>>5 > 2 || delay&0xe0 != 0 {
		return fmt.Errorf("begins with %x %x, %x", marker, profile, delay)
	}
	for len(c.b) > 0 {
		header := c.u8()
		if header&0x80 != 0 || header&2 == 0 {
			return fmt.Errorf("OBU header %#x is forbidden or has no size", header)
		}
		if header&4 != 0 {
			c.take(1)
		}
		size := 0
		for i := range 8 {
			b := c.u8()
			size |= int(b&0x7f) << (7 * i)
			if b < 0x80 {
				break
			}
		}
		if kind := header >> 3 & 15; kind != 1 && kind != 5 {
			return fmt.Errorf("OBU of type %d", kind)
		}
		c.take(size)
	}
	return nil
}

// vpcC reads a VPCodecConfigurationRecord ("VP Codec ISO Media File Format
// Binding").
func vpcC(c *in, _ uint32, _ int) error {
	version, _ := c.full()
	profile, _, depth := c.u8(), c.u8(), c.u8()
	c.take(3)
	if data := c.u16(); c.short || version != 1 || profile > 3 || depth>>4 < 8 || depth>>4 > 12 || data != 0 {
		return fmt.Errorf("version %d, profile %d, depth %#x, %d bytes of data", version, profile, depth, data)
	}
	return nil
}
