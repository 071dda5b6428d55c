package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"recfin/internal/bug"
	"recfin/mp4"
	"recfin/store"
)

// enough is how much of the body is held before the upload begins, so that the
// room for the head can be told from it.
const enough = 16 << 20

// movieBody is where a Movie writes its body: into memory until the room for
// the head is known, then into an upload, behind its back.
type movieBody struct {
	ctx     context.Context
	cancel  context.CancelFunc
	j       *job
	key     string
	movie   *mp4.Movie
	planned time.Duration
	hint    int64 // bytes of all segments

	looking bug.Group // for what is there already
	there   store.Info
	absent  bool

	held   [][]byte // until the upload begins
	up     store.Upload
	behind *writeBehind // writes to up
	room   int64
	sum    uint64 // CRC-64/NVME of the body, once it is committed
	n      int64  // bytes of it so far
}

// newMovieBody makes a movie and its body. abort must be called in the end.
func newMovieBody(ctx context.Context, j *job, key string, of movie) *movieBody {
	b := &movieBody{j: j, key: key, planned: of.planned(), hint: of.bytes()}
	b.ctx, b.cancel = context.WithCancel(ctx)
	b.movie = mp4.NewMovie(b)
	b.looking.Go(b.look)
	return b
}

// look sees what is there already under the key, while the first segments are read.
func (b *movieBody) look() (err error) {
	b.there, err = b.j.f.cfg.Out.Head(b.ctx, b.key)
	if b.absent = errors.Is(err, store.ErrNotExist); b.absent {
		return nil
	}
	return err
}

// Write implements io.Writer.
func (b *movieBody) Write(p []byte) (int, error) {
	_, err := b.Take(bytes.Clone(p))
	return len(p), err
}

// Take implements mp4.Taker.
func (b *movieBody) Take(p []byte) (spare []byte, err error) {
	b.n += int64(len(p))
	if b.behind != nil {
		return b.behind.Take(p)
	}
	b.held = append(b.held, p)
	if b.n < enough {
		return make([]byte, 0, len(p)+len(p)/8), nil
	}
	if err := b.open(b.guess()); err != nil {
		return nil, err
	}
	return b.behind.spare.get(len(p)), nil
}

// guess is the room to leave for the head: tables grow with time, not with
// bytes (a slate has many pictures in few bytes), so their size so far is
// carried to the planned duration, with a quarter and 64 KiB on top.
func (b *movieBody) guess() int64 {
	const margin = 64 << 10
	tables, far := b.movie.TableBytes(), time.Duration(mp4Duration(mp4.Summary{Duration: b.movie.Duration()}))
	if far <= 0 || far >= b.planned {
		return tables + tables/4 + margin
	}
	// In ms, so that 98 MB of tables times 48 h stay within 63 bits.
	need := tables * (b.planned.Milliseconds() + 1) / max(far.Milliseconds(), 1)
	return need + need/4 + margin
}

// open begins the upload, or the comparison with what is there already.
func (b *movieBody) open(room int64) error {
	out := b.j.f.cfg.Out
	err := b.looking.Wait()
	if err == nil {
		err = b.j.ready()
	}
	if err != nil {
		return err
	}
	if !b.absent {
		b.up = &comparison{ctx: b.ctx, r: out, o: b.there.Object, at: room}
	} else {
		opt := store.CreateOptions{Room: room, SizeHint: b.hint + b.hint/8 + room + enough}
		opt.IfAbsent, opt.ContentType, opt.CacheControl = true, movieType, immutable
		if b.up, err = out.Create(b.ctx, b.key, opt); err != nil {
			return err
		}
	}
	b.room = room
	b.behind = newWriteBehind(b.ctx, b.up)
	for i, p := range b.held {
		b.held[i] = nil
		if err := b.behind.Put(p); err != nil {
			return err
		}
	}
	b.held = nil
	return nil
}

// commit makes the file visible, or ends the comparison. A small file has its
// room made to measure.
func (b *movieBody) commit(head *mp4.Head) (store.Object, error) {
	if b.up == nil {
		if err := b.open(head.Size()); err != nil {
			return store.Object{}, err
		}
	}
	sum, err := b.behind.Close()
	if err != nil {
		return store.Object{}, fmt.Errorf("write %s: %w", store.Printable(b.key), err)
	}
	b.sum = sum
	o, err := b.up.Commit(b.ctx, head)
	if err == nil {
		b.up = nil
	}
	return o, err
}

// abort gives up what was not committed. What is under way ends first: an
// upload is used by one goroutine.
func (b *movieBody) abort() {
	b.cancel()
	_ = b.looking.Wait() // the error that led here counts
	if b.behind != nil {
		b.behind.Stop()
	}
	if b.up != nil {
		// What remains is aborted by a later run; the error that led here counts.
		_ = b.up.Abort()
	}
}
