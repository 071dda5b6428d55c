package finalize

import "context"

// RunWithHeads is Run where the heads of all segments are read before anything is
// written, whatever is made of them.
func (f *Finalizer) RunWithHeads(ctx context.Context, recording string) (*Report, error) {
	j := f.job(recording)
	j.heads = true
	return j.do(ctx, j.finalize)
}
