package hevc

import (
	"recfin/mp4"
	"recfin/probe/avc"
)

// NAL unit types (Table 7-1).
const (
	NALRASLR      = 9  // the last slice segment type below the reserved ones
	NALBLAWLP     = 16 // the first that is a random access point
	NALBLAWRADL   = 17
	NALBLANLP     = 18
	NALIDRWRADL   = 19
	NALIDRNLP     = 20
	NALCRA        = 21
	NALReserved23 = 23 // the last that is, or would be, a random access point
	NALVPS        = 32
	NALSPS        = 33
	NALPPS        = 34
	NALDelimiter  = 35
	NALEndOfSeq   = 36
	NALEndOfStrm  = 37
	NALFiller     = 38
	NALPrefixSEI  = 39
	NALSuffixSEI  = 40
)

// header is the size of a NAL unit header (§7.3.1.2).
const header = 2

// Type is the nal_unit_type; 255: the NAL unit is shorter than its header.
func Type(nal []byte) byte {
	if len(nal) < header {
		return 255
	}
	return nal[0] >> 1 & 63
}

// Layer is the nuh_layer_id; 0: the base layer.
func Layer(nal []byte) byte {
	if len(nal) < header {
		return 0
	}
	return nal[0]&1<<5 | nal[1]>>3
}

// IsSlice reports whether a type is that of a slice segment.
func IsSlice(typ byte) bool { return typ <= NALRASLR || typ >= NALBLAWLP && typ <= NALCRA }

// IsSet reports whether a type is that of a parameter set.
func IsSet(typ byte) bool { return typ >= NALVPS && typ <= NALPPS }

// IsIRAP reports whether a picture of a type is an intra random access point
// (§3.73).
func IsIRAP(typ byte) bool { return typ >= NALBLAWLP && typ <= NALReserved23 }

// IsIDR reports whether a picture of a type is an instantaneous decoding refresh.
func IsIDR(typ byte) bool { return typ == NALIDRWRADL || typ == NALIDRNLP }

// IsBLA reports whether a picture of a type is a broken link: like an IDR it
// starts picture order counts anew.
func IsBLA(typ byte) bool { return typ >= NALBLAWLP && typ <= NALBLANLP }

// Access is what the type of a picture says about starting at it: Sync for an
// IDR, OpenSync for CRA and BLA. Other pictures may still be a recovery point or
// a lone I picture.
func Access(typ byte) mp4.Access {
	switch {
	case IsIDR(typ):
		return mp4.Sync
	case typ == NALCRA, IsBLA(typ):
		return mp4.OpenSync
	}
	return mp4.NotAccess
}

// HasRecoveryPoint looks for a recovery point in an SEI NAL unit (§D.2.8).
func HasRecoveryPoint(nal []byte) bool {
	return Type(nal) == NALPrefixSEI && avc.RecoveryPoint(nal[header:])
}
