package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// Commit sends the head, then makes the object visible.
func (u *upload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	if u.ended {
		return store.Object{}, u.s.fail("commit", u.key, errEnded)
	}
	o, err := u.commit(ctx, head)
	u.ended = true
	if err == nil {
		u.parts = nil // there is nothing to abort
		u.cancel()
		return o, nil
	}
	if aborted := u.Abort(); aborted != nil && !errors.Is(err, store.ErrConflict) {
		err = fmt.Errorf("%w (and parts may remain until a sweep)", err)
	}
	return store.Object{}, u.s.fail("commit", u.key, err)
}

func (u *upload) commit(ctx context.Context, head store.Headed) (store.Object, error) {
	for _, err := range []error{u.err, ctx.Err(), u.ctx.Err()} {
		if err != nil {
			return store.Object{}, err
		}
	}
	f := front{head: head, size: head.Size(), tail: u.hold}
	if f.size < u.opt.Room {
		return store.Object{}, fmt.Errorf("%w: a head of %d bytes leaves a hole in a room of %d", store.ErrInvalid, f.size, u.opt.Room)
	}
	if u.parts == nil && len(u.cur) == 0 && f.total() <= u.size && !(u.opt.Parts && f.total() > 0) {
		return u.single(ctx, f)
	}
	stop := context.AfterFunc(ctx, u.cancel)
	defer stop()
	if err := u.sendRest(f); err != nil {
		return store.Object{}, either(ctx.Err(), err)
	}
	return u.complete(ctx)
}

// either gives the first error that is one.
func either(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// front is the head and the bytes of body that were held back, as one.
type front struct {
	head store.Headed
	size int64 // of the head
	tail []byte
}

func (f front) total() int64 { return f.size + int64(len(f.tail)) }

// ReadAt reads across the seam.
func (f front) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.size {
		return bytes.NewReader(f.tail).ReadAt(p, off-f.size)
	}
	inHead := min(int64(len(p)), f.size-off)
	n, err := io.ReadFull(io.NewSectionReader(f.head, off, inHead), p[:inHead])
	if err != nil {
		return n, fmt.Errorf("read the head: %w", err)
	}
	if n == len(p) {
		return n, nil
	}
	m, err := bytes.NewReader(f.tail).ReadAt(p[n:], 0)
	return n + m, err
}

// single stores an object that fits into one part.
func (u *upload) single(ctx context.Context, f front) (store.Object, error) {
	buf := make([]byte, f.total())
	if _, err := io.ReadFull(io.NewSectionReader(f, 0, f.total()), buf); err != nil {
		return store.Object{}, err
	}
	o, t, err := u.s.put(ctx, u.key, bytes.NewReader(buf), u.opt.PutOptions)
	if err == nil {
		return o, nil
	}
	return u.settle(ctx, t.lost, f.total(), err)
}

// sendRest sends the last part of the body and the parts that were held back.
func (u *upload) sendRest(f front) error {
	if err := u.begin(); err != nil {
		return err
	}
	if len(u.cur) > 0 {
		if err := u.flush(); err != nil {
			return err
		}
	}
	// Where nothing follows, the front is free to have as many parts as it
	// needs; otherwise their numbers are taken, and a head that outgrew its room
	// makes them larger.
	size, count := u.size, (f.total()+u.size-1)/u.size
	if u.next > u.front+1 {
		count = int64(u.front)
		size = (f.total() + count - 1) / count
	}
	if count == 1 && u.next == u.front+1 {
		u.parts.alone = u.opt.CRC64
	}
	if size > maxPart {
		return fmt.Errorf("%w: a head of %d bytes in a room of %d", store.ErrInvalid, f.size, u.opt.Room)
	}
	for i := range count {
		if err := u.sendFront(f, int32(i)+1, i*size, size); err != nil {
			return err
		}
	}
	return u.parts.wait()
}

// sendFront sends up to size bytes from off as a part. One that is larger than
// a buffer is read as it is sent.
func (u *upload) sendFront(f front, number int32, off, size int64) error {
	size = min(size, f.total()-off)
	section := io.NewSectionReader(f, off, size)
	if size > u.size {
		return u.parts.send(number, section, size, func() {})
	}
	buf := u.buffer()[:size]
	if _, err := io.ReadFull(section, buf); err != nil {
		return err
	}
	return u.parts.sendBuffer(number, buf)
}

// complete makes the object out of its parts. A store may answer 200 and then
// report an error in the body, which the SDK turns into a 500, or take effect
// and not be heard: so after each failure the key is looked at.
func (u *upload) complete(ctx context.Context) (store.Object, error) {
	p := u.parts
	in := &awss3.CompleteMultipartUploadInput{
		Bucket: u.s.bucket(), Key: u.s.name(u.key), UploadId: &p.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: p.completed()},
		MpuObjectSize:   &p.size,
	}
	if p.sum == sumCRC64 {
		in.ChecksumType = types.ChecksumTypeFullObject
	}
	// The parts were right when they came: what is refused now is the claim.
	told := sums{wrong: u.opt.CRC64 != ""}
	if told.wrong {
		header, err := toHeader(u.opt.CRC64)
		if err != nil {
			return store.Object{}, err
		}
		in.ChecksumCRC64NVME = header
	}
	if u.opt.IfAbsent {
		in.IfNoneMatch = aws.String("*")
	}
	var o store.Object
	patient := func(o *awss3.Options) { o.HTTPClient = u.s.patient }
	t, err := u.s.call(ctx, u.s.tune.assemble, func(ctx context.Context) error {
		out, err := u.s.client.CompleteMultipartUpload(ctx, in, patient)
		if err == nil && aws.ToString(out.ETag) != "" {
			o = u.s.object(u.key, p.size, out.ETag, &p.begun)
			return nil
		}
		if err == nil {
			err = &fault{kind: store.ErrUnavailable, text: "the answer names no ETag", transient: true, lost: true}
		}
		if mine, _ := u.find(ctx, p.size); mine != nil {
			o = *mine
			return nil
		}
		return u.s.heard(ctx, told, err)
	})
	if err == nil {
		return o, nil
	}
	return u.settle(ctx, t.lost, p.size, err)
}

// settle says what became of a write that failed: it may be there all the same.
func (u *upload) settle(ctx context.Context, lost bool, size int64, err error) (store.Object, error) {
	return u.s.settle(ctx, u.key, u.token, lost, size, err)
}

// find looks once whether the object under the key is ours. known says that
// the store answered.
func (u *upload) find(ctx context.Context, size int64) (mine *store.Object, known bool) {
	return u.s.find(ctx, u.key, u.token, size)
}
