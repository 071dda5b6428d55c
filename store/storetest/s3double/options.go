package s3double

import "time"

// Options say which store the double is. The zero value is AWS.
type Options struct {
	Bucket    string // default "bucket"
	Region    string // default "us-east-1"
	AccessKey string // default "AKIADOUBLE"
	SecretKey string // default "s3cr3t+/=:@value", which is hard to put into a URL
	TLS       bool   // serve https, with the certificate of package httptest

	OpaqueETags bool       // a new ETag for each write (SSE-KMS, gateways) instead of MD5
	WeakETags   bool       // ETags as W/"…", which prove nothing
	Checksums   Checksums  // what it makes of x-amz-checksum-*
	Versioning  Versioning // of the bucket
	Deaf        Deaf       // conditions that it does not look at

	MaxCopy    int64 // bytes that CopyObject takes, at most; default 5 GiB
	NoCopyIf   bool  // If-None-Match of CopyObject and conditions of UploadPartCopy are not implemented (R2)
	MinPart    int64 // bytes of each part but the last, at least; default 5 MiB
	EqualParts bool  // all parts but the last have one size, and the last is no larger (R2)
	PageSize   int   // keys on a page of a listing, at most; default 1,000
	BatchSize  int   // keys in one DeleteObjects, at most; default 1,000

	// Clock is the store's own; default time.Now. Dates of objects have whole seconds.
	Clock func() time.Time
	// MaxSkew is how far the date of a signature may be from Clock; AWS has 15
	// minutes. 0: any.
	MaxSkew time.Duration

	// Allow is the policy of the caller: whether it may do action ("s3:GetObject") to
	// resource, a key, or for listings their prefix. Nil: everything. See also Deny.
	Allow func(action, resource string) bool

	// Seed decides about faults that have a Rate.
	Seed uint64
}

// Checksums are the ways to deal with additional checksums.
type Checksums int

// Ways to deal with additional checksums.
const (
	// ChecksumsComputed: each object gets a CRC64NVME of the whole, over the bytes
	// that were stored, and what the client says must agree (AWS).
	ChecksumsComputed Checksums = iota
	// ChecksumsEchoed: HEAD tells what the client said, and nobody has compared it.
	ChecksumsEchoed
	// ChecksumsIgnored: they are neither kept nor looked at (an old gateway).
	ChecksumsIgnored
)

// Versioning is the state of the bucket.
type Versioning int

// States of a bucket.
const (
	VersioningOff       Versioning = iota
	VersioningOn                   // a delete puts a marker in front, a write a version
	VersioningSuspended            // as On, but new versions and markers are the one "null"
)

// Deaf names conditions that a store passes over in silence.
type Deaf struct {
	Delete      bool // If-Match of DeleteObject (MinIO)
	DeleteBatch bool // ETag of a key in DeleteObjects (versitygw)
	Create      bool // If-None-Match of writes
	Replace     bool // If-Match of writes (GCS)
	Get         bool // If-Match of reads
	Source      bool // x-amz-copy-source-if-match
	Copy        bool // If-None-Match of CopyObject
	ObjectSize  bool // x-amz-mp-object-size
}

func (o Options) filled() Options {
	set(&o.Bucket, "bucket")
	set(&o.Region, "us-east-1")
	set(&o.AccessKey, "AKIADOUBLE")
	set(&o.SecretKey, "s3cr3t+/=:@value")
	set(&o.MaxCopy, 5<<30)
	set(&o.MinPart, 5<<20)
	set(&o.PageSize, 1000)
	set(&o.BatchSize, 1000)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
