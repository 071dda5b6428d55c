package store

import (
	"context"
	"iter"
	"sync/atomic"
	"time"
)

// Counters say what was asked of a store. They may be read at any time.
type Counters struct {
	List         atomic.Int64 // listing requests of 1,000 keys each, at least one a listing, and sweeps
	Get          atomic.Int64 // bodies opened or attempted
	Head         atomic.Int64 // heads
	Put          atomic.Int64 // Put calls, and uploads that were committed or attempted to be
	Copy         atomic.Int64 // Copy calls
	Delete       atomic.Int64 // victims
	BytesRead    atomic.Int64 // bytes that bodies gave
	BytesWritten atomic.Int64 // bytes of Put bodies, of upload bodies and of committed heads
}

// page is how many keys an S3 listing request answers with.
const page = 1000

// Count wraps a store so that what is asked of it is counted. Calls count when
// they are made, whatever comes of them. The counters are of calls at this
// contract: retries and the parts of a multipart upload are below it.
func Count(s Store) (Store, *Counters) {
	c := &counted{Store: s}
	return c, &c.n
}

type counted struct {
	Store
	n Counters
}

func (c *counted) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return paged(c.Store.List(ctx, prefix), &c.n.List)
}

func (c *counted) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return paged(c.Store.Folders(ctx, prefix), &c.n.List)
}

// paged counts a request when a listing begins and another before each page.
func paged[T any](seq iter.Seq2[T, error], requests *atomic.Int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		requests.Add(1)
		n := 0
		for item, err := range seq {
			if n++; n > page {
				requests.Add(1)
				n = 1
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

func (c *counted) Head(ctx context.Context, key string) (Info, error) {
	c.n.Head.Add(1)
	return c.Store.Head(ctx, key)
}

func (c *counted) Get(ctx context.Context, key string, r Range, opt GetOptions) (Body, error) {
	c.n.Get.Add(1)
	b, err := c.Store.Get(ctx, key, r, opt)
	if err == nil {
		b.ReadCloser = &countedBody{Body: b, n: &c.n.BytesRead}
	}
	return b, err
}

type countedBody struct {
	Body
	n *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.Body.Read(p)
	b.n.Add(int64(n))
	return n, err
}

func (c *counted) Put(ctx context.Context, key string, body []byte, opt PutOptions) (Object, error) {
	c.n.Put.Add(1)
	c.n.BytesWritten.Add(int64(len(body)))
	return c.Store.Put(ctx, key, body, opt)
}

func (c *counted) Copy(ctx context.Context, from Object, key string, opt PutOptions) (Object, error) {
	c.n.Copy.Add(1)
	return c.Store.Copy(ctx, from, key, opt)
}

func (c *counted) Create(ctx context.Context, key string, opt CreateOptions) (Upload, error) {
	u, err := c.Store.Create(ctx, key, opt)
	if err != nil {
		return nil, err
	}
	return &countedUpload{Upload: u, n: &c.n}, nil
}

type countedUpload struct {
	Upload
	n *Counters
}

func (u *countedUpload) Write(p []byte) (int, error) {
	n, err := u.Upload.Write(p)
	u.n.BytesWritten.Add(int64(n))
	return n, err
}

func (u *countedUpload) Commit(ctx context.Context, head Headed) (Object, error) {
	u.n.Put.Add(1)
	u.n.BytesWritten.Add(head.Size())
	return u.Upload.Commit(ctx, head)
}

func (c *counted) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	c.n.List.Add(1)
	return c.Store.Sweep(ctx, prefix, age)
}

func (c *counted) Delete(ctx context.Context, victims []Object, opt DeleteOptions) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		c.n.Delete.Add(int64(len(victims)))
		for o, err := range c.Store.Delete(ctx, victims, opt) {
			if !yield(o, err) {
				return
			}
		}
	}
}
