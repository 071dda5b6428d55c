package store

import (
	"context"
	"io"
	"iter"
	"time"
)

// Reader lists and reads. It changes nothing.
type Reader interface {
	// List yields every object whose key begins with prefix once, in byte order
	// of the whole key. A listing that ends early yields an error as its last
	// pair; it never looks like a short or an empty one. A prefix without
	// objects is an empty listing, but a store (bucket, folder) that does not
	// exist is ErrNoStore.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]

	// Folders yields the distinct next elements below prefix, which is empty or
	// ends in a slash: for every key prefix+name+"/"+rest, the name once, in
	// byte order of name+"/". Objects directly below prefix are passed over.
	Folders(ctx context.Context, prefix string) iter.Seq2[string, error]

	// Head returns what is known of one object, or ErrNotExist.
	Head(ctx context.Context, key string) (Info, error)

	// Get opens a part of an object. See GetOptions for pinning. A range that
	// begins at or behind the end of a non-empty object is ErrRange; the whole
	// of an empty object is an empty body.
	Get(ctx context.Context, key string, r Range, opt GetOptions) (Body, error)

	// Now is the store's clock, in UTC. For a store that can only be asked by
	// writing (a folder) it may touch a file under ".recfin/".
	Now(ctx context.Context) (time.Time, error)
}

// GetOptions pin a read to one version of an object.
type GetOptions struct {
	// IfMatch: the read fails with ErrChanged unless the object has this ETag
	// when it is opened and still when the last byte is read. Empty: not pinned.
	IfMatch string
	// Size, where IfMatch is set or Sized is true: the read fails with
	// ErrChanged unless the whole object has this many bytes.
	Size  int64
	Sized bool
	// Prove: what is read shall be shown to be what the store holds, not spoilt on
	// its way. It costs the CPU time of a checksum, and a second reading of the
	// object in rare cases. See Body.Proved for whether it could be done.
	Prove bool
	// Durable: what is read is there after a power cut too. A store that shows
	// only what is safe does nothing for it; a folder shows also what a process that
	// was killed, or one that is at work, has not synced yet, and then syncs it first.
	Durable bool
}

// Pinned gives the options that pin a read to o as it was listed: to its ETag
// and size, or to its size alone where the ETag proves nothing.
func Pinned(o Object) GetOptions {
	opt := GetOptions{Size: o.Size, Sized: true}
	if o.Strong() {
		opt.IfMatch = o.ETag
	}
	return opt
}

// Body is an open part of an object. Read returns io.ErrUnexpectedEOF (wrapped
// with the key) when the store ends the body before the length that it
// promised, and ErrChanged when the version is no longer the pinned one; a
// body that ended in io.EOF was complete.
type Body struct {
	io.ReadCloser
	Info   Info  // of the whole object
	Length int64 // bytes that this body will give

	// Proved answers GetOptions.Prove: when this body ends in io.EOF, its bytes are
	// those that the store holds. They were compared with a checksum of the whole
	// object that the store keeps, or read twice with the same result, or there is
	// no way between store and reader on which they could be spoilt (a folder). A
	// difference is ErrUnavailable in the place of io.EOF: read again from the
	// start, and use nothing of what was read. False: the store has nothing to
	// compare with, or this is not the whole object.
	Proved bool
}

// Writer creates and replaces objects, whole or not at all.
type Writer interface {
	// Put stores a small object in one request. The body is not kept. A failed
	// condition is ErrConflict (also where IfMatch finds no object). After any
	// other error the object may or may not have been written: read it and see.
	Put(ctx context.Context, key string, body []byte, opt PutOptions) (Object, error)

	// Create begins a large object that becomes visible at Commit.
	Create(ctx context.Context, key string, opt CreateOptions) (Upload, error)

	// Copy has the store itself copy the version from, an object of its own, to key:
	// no body passes through the caller, however large it is. The copy has the
	// contents of from and nothing else of it: content type, caching and metadata
	// are those of opt, where IfMatch and CRC64 are not allowed. What is under
	// from.Key must have the ETag and size of from, or it is ErrChanged, ErrNotExist
	// where nothing is there, and ErrWeak where its ETag could not tell. A failed
	// IfAbsent is ErrConflict. ErrUnknown: the answer was lost, and it cannot be told
	// whether the object is ours; any other error leaves nothing of ours under key,
	// except that ErrChanged may leave the copy of another version there.
	Copy(ctx context.Context, from Object, key string, opt PutOptions) (Object, error)

	// Sweep aborts unfinished uploads of keys that begin with prefix and that
	// were begun more than age ago by the store's clock (temporary files of a
	// dead process at once). It returns how many; it never touches an object.
	Sweep(ctx context.Context, prefix string, age time.Duration) (int, error)
}

// PutOptions say how an object is stored. At most one condition may be set.
type PutOptions struct {
	IfAbsent     bool   // only if there is no object under the key
	IfMatch      string // only if the object there has this ETag
	ContentType  string
	CacheControl string
	Metadata     map[string]string // keys in lower case
	// CRC64 is the CRC-64/NVME of the whole object (16 hex digits in lower case) as
	// the store shall be told it; empty: the implementation tells it what it sees
	// fit. A store that computes its own refuses contents with another one
	// (ErrInvalid); one that computes none takes no notice. It lets Detect see
	// which of the two a store is.
	CRC64 string
}

// CreateOptions describe a large object before its size is known.
type CreateOptions struct {
	PutOptions       // IfMatch is not allowed here
	Room       int64 // bytes left free in front of the body, filled at Commit
	SizeHint   int64 // upper bound of room and body together, in bytes; 0: unknown
	Parts      bool  // in the form of large objects (multipart) although it may be small
}

// Upload writes one large object in one pass: first the body, in order, then
// the head that stands in front of it. It is used by one goroutine.
type Upload interface {
	// Write takes the next bytes of the body. p is not kept.
	io.Writer

	// Commit fills the room in front of the body with head and makes the object
	// visible. head has at least Room bytes; where it has more, the object is
	// head followed by body all the same. It returns nil, ErrConflict (nothing
	// of ours remains), ErrUnknown (the answer was lost and it cannot be told
	// whether the object is ours), or an error that leaves nothing behind.
	Commit(ctx context.Context, head Headed) (Object, error)

	// Abort gives the upload up and leaves nothing behind. It works with a
	// context of its own, never touches the object itself, may be called at any
	// time and more than once, and does nothing after Commit returned nil.
	Abort() error
}

// Headed is the head of a large object: made on demand, repeatable, never one
// slice (it has 98 MB for 48 h of video).
type Headed interface {
	io.ReaderAt
	Size() int64
}

// Deleter deletes objects.
type Deleter interface {
	// Delete removes the victims that are still the version named (size, and
	// ETag by a condition of the store). It yields one outcome for each victim,
	// in any order: nil (gone, now or before), ErrChanged (another version is
	// there and was kept), ErrWeak (its ETag proves nothing: kept), or why not.
	// Every victim must carry the label of this store.
	//
	// With Batch the store may remove many in one request, where it has such a
	// form; then nothing but the condition on the ETag stands between a victim and
	// a version that came since the victims were listed, so they are listed just
	// before, and Detect must have seen that the form honours conditions.
	Delete(ctx context.Context, victims []Object, opt DeleteOptions) iter.Seq2[Object, error]
}

// DeleteOptions say how objects are removed. The zero value asks for each of them
// by itself.
type DeleteOptions struct {
	Batch bool // many in one request, where the store has a form for that
	// Blind: do not look at a victim first, so that the condition of the store
	// stands alone between it and a version that came since. It is how Detect sees
	// whether there is one; where there is, it saves the look at a lease of our own.
	// Nobody else has a use for it.
	Blind bool
}

// Store is all powers over one store.
type Store interface {
	Reader
	Writer
	Deleter
	// Label names the store in plans, markers and messages: its URL without
	// credentials and query, with a slash at the end.
	Label() string
}
