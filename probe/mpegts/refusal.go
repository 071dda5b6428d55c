package mpegts

import "fmt"

// refusal decides whether frames that cannot be joined are damage, or what the
// stream is like: it is like that if two follow each other, or if there is
// nothing else.
type refusal struct {
	pid    uint16
	handed bool  // there was an access unit
	last   error // why the frame before cannot be joined
}

// accept says that a frame has given access units.
func (r *refusal) accept() { r.handed, r.last = true, nil }

// refuse says why a frame gives none; an error comes back if that is what the
// stream is like.
func (r *refusal) refuse(why error) error {
	if r.last != nil {
		return r.fail(why)
	}
	r.last = why
	return nil
}

// end judges a stream that ends.
func (r *refusal) end() error {
	if r.handed || r.last == nil {
		r.last = nil
		return nil
	}
	return r.fail(r.last)
}

func (r *refusal) fail(why error) error { return fmt.Errorf("PID %d: %w", r.pid, why) }
