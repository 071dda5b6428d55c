package finalize

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// Many recordings are worked on at once, because most of what a small one does is to
// wait for its store. How many requests are under way is bounded by the stores; what
// they take of memory is bounded here, for all recordings together:
//
//   - segments that are read on their way, in Finalizer.memory, half of Config.Memory;
//   - what is known of the objects of a recording, half of it at objectBytes each: a
//     recording has room for a few of them and takes more as its listing goes on. One
//     that is larger than all of it goes alone;
//   - buffers of uploads: MP4s and media objects are written for as many recordings at
//     once as half of Config.Memory has room for.

const (
	objectBytes = 1 << 10  // of a listed object, from the listing to the record
	firstRoom   = 1000     // objects that every recording has room for: a page of a listing
	uploadBytes = 64 << 20 // of buffers and tables while the media of one recording are written
)

// budget is what the jobs of a Finalizer share out.
type budget struct {
	objects *semaphore.Weighted
	most    int64               // objects that all of them may have
	uploads *semaphore.Weighted // recordings of which media are written
}

func newBudget(memory int64) *budget {
	most := max(memory/2/objectBytes, firstRoom)
	return &budget{objects: semaphore.NewWeighted(most), most: most, uploads: semaphore.NewWeighted(max(memory/2/uploadBytes, 1))}
}

// room is what one job has of the objects. The zero value without a budget has no
// bounds.
type room struct {
	budget *budget
	mu     sync.Mutex
	held   int64 // objects that there is room for
	used   int64
}

// begin makes room for a listing of everything, and forgets the one before.
func (r *room) begin(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used = 0
	return r.hold(ctx, firstRoom)
}

// add makes room for one more object, once there is any. Whoever waits for more gives
// back first what it has, and so never waits for somebody who waits for it: what it had
// listed until then is more than is allowed for, by no more than once the budget.
func (r *room) add(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used++; r.held == 0 || r.used <= r.held {
		return nil
	}
	return r.hold(ctx, 2*r.held)
}

// hold has room for at least so many objects, or for as many as there may be.
func (r *room) hold(ctx context.Context, objects int64) error {
	if r.budget == nil {
		return nil
	}
	if objects = min(objects, r.budget.most); objects <= r.held {
		return nil
	}
	r.budget.objects.Release(r.held)
	r.held = 0
	if err := r.budget.objects.Acquire(ctx, objects); err != nil {
		return err
	}
	r.held = objects
	return nil
}

// end gives everything back.
func (r *room) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.budget != nil {
		r.budget.objects.Release(r.held)
		r.held = 0
	}
}

// uploading waits until the media of one more recording may be written. done is called
// behind them.
func (b *budget) uploading(ctx context.Context) (done func(), err error) {
	if err := b.uploads.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { b.uploads.Release(1) }, nil
}
