package s3

import "time"

// tuning holds what only tests change.
type tuning struct {
	connect     time.Duration // for a connection and a TLS handshake
	idle        time.Duration // without a byte in either direction
	patience    time.Duration // the same while a store assembles an object
	giveUp      time.Duration // spent on failing before a store is unavailable
	settle      time.Duration // to clean up and look after a failure
	linger      time.Duration // for the answer to a request whose caller is gone
	assemble    time.Duration // for a store to assemble an object, with all attempts
	backoff     time.Duration // upper end of the first delay; doubles
	maxBackoff  time.Duration
	maxWait     time.Duration // that a store may ask for between two attempts
	calm        time.Duration // between two cuts of the requests in flight
	maxAttempts int
	minPart     int64 // bytes; part sizes are this times a power of two
	maxCopy     int64 // bytes that are copied by one request at most
	copyPart    int64 // of larger objects, bytes; sizes are this times a power of two
	minRate     int64 // bytes a second that a transfer may take at worst
	pageSize    int32
	checksum    checksum
}

const mib = 1 << 20

func defaults() tuning {
	return tuning{
		connect:     10 * time.Second,
		idle:        15 * time.Second,
		patience:    3 * time.Minute,
		giveUp:      time.Minute,
		settle:      20 * time.Second,
		linger:      5 * time.Second,
		assemble:    10 * time.Minute,
		backoff:     200 * time.Millisecond,
		maxBackoff:  8 * time.Second,
		maxWait:     20 * time.Second,
		calm:        time.Second,
		maxAttempts: 12,
		minPart:     8 * mib,
		maxCopy:     maxPart,
		copyPart:    512 * mib,
		minRate:     16 << 10,
		pageSize:    1000,
	}
}

// suit is the tuning that opt asks for.
func (t tuning) suit(opt Options) tuning {
	if opt.PartSize > 0 {
		t.minPart = opt.PartSize
	}
	if opt.CopySize > 0 {
		t.maxCopy, t.copyPart = opt.CopySize, opt.CopySize
	}
	if opt.Hurry > 1 {
		for _, d := range []*time.Duration{
			&t.connect, &t.idle, &t.patience, &t.giveUp, &t.settle, &t.linger, &t.assemble, &t.backoff, &t.maxBackoff, &t.maxWait, &t.calm,
		} {
			*d /= time.Duration(opt.Hurry)
		}
	}
	return t
}

// limit is the deadline of a call that moves n bytes.
func (t tuning) limit(n int64) time.Duration {
	return t.giveUp + time.Duration(n/t.minRate)*time.Second
}
