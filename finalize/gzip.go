package finalize

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// zippers are used again: the tables of each have most of a megabyte, and the list of
// a small recording has some kilobytes.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func encodeGzip(v any) ([]byte, error) {
	var b bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&b)
	if err := writeJSON(z, v); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxInflated is how many bytes may come out of n compressed ones. Lists of ours
// come down to a fifth or a thirtieth; what gzip makes of zeros, to a thousandth, is
// no list.
func maxInflated(n int) int64 { return min(512<<20, 1<<20+200*int64(n)) }

func decodeGzip(raw []byte, v any) error {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%w: %v", ErrRefused, err)
	}
	plain, err := readLimited(z, maxInflated(len(raw)))
	if err != nil {
		return fmt.Errorf("%w: %v", ErrRefused, err)
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %v", ErrRefused, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: something stands behind its end", ErrRefused)
	}
	return nil
}
