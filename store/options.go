package store

import "fmt"

// Admits reports whether a read with these options may be given o: the pinned
// ETag and, where Sized is set or an IfMatch comes with a Size, the whole size.
func (opt GetOptions) Admits(o Object) bool {
	if opt.IfMatch != "" && opt.IfMatch != o.ETag {
		return false
	}
	sized := opt.Sized || opt.IfMatch != "" && opt.Size > 0
	return !sized || opt.Size == o.Size
}

// Check says why r cannot be read from an object of the given size: ErrRange
// where it begins at or behind its end. All of an empty object, its first n
// bytes and its last n bytes are an empty body.
func (r Range) Check(size int64) error {
	if r.Len < 0 {
		return fmt.Errorf("%w: a length of %d", ErrInvalid, r.Len)
	}
	if r.Off > 0 && r.Off >= size {
		return fmt.Errorf("%w: from byte %d of %d", ErrRange, r.Off, size)
	}
	return nil
}

// Check says why no object can be stored with these options, or nil.
func (opt PutOptions) Check() error {
	if opt.IfAbsent && opt.IfMatch != "" {
		return fmt.Errorf("%w: two conditions at once", ErrInvalid)
	}
	return nil
}

// CheckCopy says why the store with that label cannot make a copy of from under key
// with these options, or nil.
func (opt PutOptions) CheckCopy(label string, from Object, key string) error {
	switch {
	case opt.IfMatch != "":
		return fmt.Errorf("%w: a copy cannot be tied to an ETag", ErrInvalid)
	case opt.CRC64 != "":
		return fmt.Errorf("%w: the contents of a copy are those of its source", ErrInvalid)
	case from.Store != label:
		return fmt.Errorf("%w: %s is in %s", ErrInvalid, Printable(from.Key), from.Store)
	case from.Key == key:
		return fmt.Errorf("%w: a copy of an object onto itself", ErrInvalid)
	case !from.Strong():
		return fmt.Errorf("copy %s: %w", Printable(from.Key), ErrWeak)
	}
	return CheckKey(from.Key)
}

// Check says why no upload can begin with these options, or nil.
func (opt CreateOptions) Check() error {
	switch {
	case opt.IfMatch != "":
		return fmt.Errorf("%w: an upload cannot be tied to an ETag", ErrInvalid)
	case opt.Room < 0, opt.SizeHint < 0, opt.SizeHint > 0 && opt.SizeHint < opt.Room:
		return fmt.Errorf("%w: room of %d bytes in an object of at most %d", ErrInvalid, opt.Room, opt.SizeHint)
	}
	return nil
}
