package finalize

import (
	"errors"
	"fmt"
)

// InitColumns are the init segments (ISO/IEC 14496-12 §8.2.1, a moov box
// without media) that segments of a session need, each once.
type InitColumns struct {
	ObjectColumns
	PartColumns
	SHA256 []string `json:"sha256"` // of the bytes of the part
}

// Len is the number of init segments; of none it is 0.
func (c *InitColumns) Len() int {
	if c == nil {
		return 0
	}
	return c.ObjectColumns.Len()
}

func (c *InitColumns) check() error {
	if c == nil {
		return nil
	}
	if len(c.SHA256) != c.Len() {
		return fmt.Errorf("%w: its init segments have columns of different lengths", ErrRefused)
	}
	return errors.Join(c.ObjectColumns.check(), c.checkParts(&c.ObjectColumns))
}

// initRow gives the number of an init segment, and adds it if it is new.
func (r *Record) initRow(x piece, sum string) int {
	if r.Inits == nil {
		r.Inits = &InitColumns{}
	}
	for i := range r.Inits.Key {
		if idOf(r.Inits.Object(i)) == idOf(x.Object) && r.Inits.Part(i) == x.part {
			return i
		}
	}
	n := r.Inits.Len()
	r.Inits.addPart(n, x.part)
	r.Inits.add(x.Object)
	r.Inits.SHA256 = append(r.Inits.SHA256, sum)
	return n
}

// needsInit gives the init segment that row i of a rendition needs; false: none.
func (r *Record) needsInit(q *RenditionRecord, i int) (piece, bool) {
	if i >= len(q.Init) || q.Init[i] == 0 {
		return piece{}, false
	}
	n := q.Init[i] - 1
	return piece{r.Inits.Object(n), r.Inits.Part(n)}, true
}

// checkInits holds the init column of a rendition against the init segments.
func (r *Record) checkInits(q *RenditionRecord) error {
	if len(q.Init) != 0 && len(q.Init) != q.Len() || len(q.Header) != 0 && len(q.Header) != q.Len() {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	for i, n := range q.Init {
		if n < 0 || n > r.Inits.Len() {
			return fmt.Errorf("%w: row %d of rendition %q needs init segment %d of %d", ErrRefused, i, q.Name, n, r.Inits.Len())
		}
	}
	for i, n := range q.Header {
		if n < 0 || n > q.rowBytes(i) {
			return fmt.Errorf("%w: row %d of rendition %q has a header of %d in %d bytes", ErrRefused, i, q.Name, n, q.rowBytes(i))
		}
	}
	return nil
}

// addSparse adds a value to a column that is empty while all values are zero.
func addSparse[T comparable](column []T, rows int, value T) []T {
	var zero T
	if column == nil && value == zero {
		return nil
	}
	for len(column) < rows {
		column = append(column, zero)
	}
	return append(column, value)
}
