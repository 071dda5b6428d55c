package finalize

import (
	"context"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"recfin/store"
)

// streamed is the size above which a segment is not held in memory as a whole.
const streamed = 32 << 20

// fetch reads objects, several ahead, and hands them to use in order, each
// pinned to the version that was listed. At most memory bytes are under way.
func fetch(ctx context.Context, r store.Reader, objects []store.Object, ahead int, memory int64, use func(i int, body io.Reader) error) error {
	g, ctx := errgroup.WithContext(ctx)
	room := semaphore.NewWeighted(max(memory, streamed))
	queue := make(chan chan fetched, ahead)
	g.Go(func() error {
		defer close(queue)
		for i := range objects {
			o := objects[i]
			slot := make(chan fetched, 1)
			select {
			case queue <- slot:
			case <-ctx.Done():
				return ctx.Err()
			}
			if o.Size > streamed {
				slot <- fetched{} // read when its turn comes
				continue
			}
			if err := room.Acquire(ctx, o.Size); err != nil {
				return err
			}
			g.Go(func() error {
				raw, err := readObject(ctx, r, o)
				slot <- fetched{raw: raw}
				return err
			})
		}
		return nil
	})
	g.Go(func() error {
		for i := 0; i < len(objects); i++ {
			if err := consume(ctx, r, objects[i], queue, room, func(body io.Reader) error { return use(i, body) }); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

type fetched struct{ raw []byte }

// consume takes the next object from the queue and gives its memory back.
func consume(ctx context.Context, r store.Reader, o store.Object, queue chan chan fetched, room *semaphore.Weighted, use func(io.Reader) error) error {
	var slot chan fetched
	select {
	case slot = <-queue:
	case <-ctx.Done():
		return ctx.Err()
	}
	if o.Size > streamed {
		body, err := r.Get(ctx, o.Key, store.Whole, store.Pinned(o))
		if err != nil {
			return err
		}
		defer body.Close()
		return use(body)
	}
	select {
	case x := <-slot:
		if int64(len(x.raw)) != o.Size {
			return fmt.Errorf("read %s: %w", store.Printable(o.Key), io.ErrUnexpectedEOF)
		}
		defer room.Release(o.Size)
		return use(&chunk{p: x.raw})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readObject reads the whole of a listed object into memory.
func readObject(ctx context.Context, r store.Reader, o store.Object) ([]byte, error) {
	body, err := r.Get(ctx, o.Key, store.Whole, store.Pinned(o))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	raw := make([]byte, o.Size)
	if _, err := io.ReadFull(body, raw); err != nil {
		return nil, fmt.Errorf("read %s: %w", store.Printable(o.Key), err)
	}
	if _, err := io.ReadFull(body, make([]byte, 1)); err != io.EOF { // the end is where the version is checked
		if err == nil {
			err = store.ErrChanged
		}
		return nil, fmt.Errorf("read %s: %w", store.Printable(o.Key), err)
	}
	return raw, nil
}

// chunk is a reader that writes itself in one piece.
type chunk struct{ p []byte }

func (c *chunk) Read(p []byte) (int, error) {
	if len(c.p) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.p)
	c.p = c.p[n:]
	return n, nil
}

func (c *chunk) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(c.p)
	c.p = c.p[n:]
	return int64(n), err
}
