package s3

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"recfin/store"
)

// maxBatch is how many keys S3 takes in one DeleteObjects.
const maxBatch = 1000

// batch is one DeleteObjects with its repetitions.
type batch struct {
	s        *Store
	victims  []store.Object
	outcomes []error
	open     map[string]int // key -> victim without an outcome
}

// errUnmentioned: an answer that leaves a key out says nothing about it.
var errUnmentioned = fmt.Errorf("%w: the answer does not mention it", store.ErrUnknown)

// deleteBatch removes victims by one request that carries the ETag of each, and
// gives their outcomes. What cannot travel in such a request goes by one of its
// own.
func (s *Store) deleteBatch(ctx context.Context, victims []store.Object, opt store.DeleteOptions) []error {
	b := &batch{s: s, victims: victims, outcomes: make([]error, len(victims)), open: map[string]int{}}
	var alone []int
	for i, v := range victims {
		_, twice := b.open[v.Key]
		switch err := s.checkVictim(ctx, v); {
		case err != nil:
			b.outcomes[i] = err
		case twice, !fitsXML(v.Key), !fitsXML(v.ETag):
			alone = append(alone, i)
		default:
			b.open[v.Key] = i
		}
	}
	if len(b.open) > 0 {
		b.run(ctx)
	}
	some := make([]store.Object, len(alone))
	for n, i := range alone {
		some[n] = victims[i]
	}
	for n, err := range s.deleteEach(ctx, some, opt) {
		b.outcomes[alone[n]] = err
	}
	return b.outcomes
}

// run sends the request until every key has an outcome that repeating it would
// not change. One that was repeated finds nothing where the first one worked.
func (b *batch) run(ctx context.Context) {
	_, err := b.s.call(ctx, b.s.tune.limit(0), func(ctx context.Context) error {
		return b.once(ctx)
	})
	for _, i := range b.open {
		if b.outcomes[i] == nil { // the last answer said nothing of it
			b.outcomes[i] = err
		}
	}
}

// once sends the request for what is open. Its error is that of the request, or
// that of keys which may be asked for again.
func (b *batch) once(ctx context.Context) error {
	in := &awss3.DeleteObjectsInput{Bucket: b.s.bucket(), Delete: &types.Delete{Quiet: aws.Bool(false)}}
	for i, v := range b.victims {
		if at, open := b.open[v.Key]; open && at == i {
			b.outcomes[i] = nil
			in.Delete.Objects = append(in.Delete.Objects, types.ObjectIdentifier{Key: b.s.name(v.Key), ETag: quote(v.ETag)})
		}
	}
	out, err := b.s.client.DeleteObjects(ctx, in, awss3.WithAPIOptions(withMD5))
	if err != nil {
		return err
	}
	for _, d := range out.Deleted {
		b.settle(d.Key, nil)
	}
	var again *fault
	for _, e := range out.Errors {
		f := b.s.keyFault(e)
		switch {
		case errors.Is(f, store.ErrNotExist):
			b.settle(e.Key, nil)
		case errors.Is(f, store.ErrConflict):
			b.settle(e.Key, store.ErrChanged)
		case f.transient:
			if i, open := b.at(e.Key); open {
				b.outcomes[i] = f
				again = f
			}
		default:
			b.settle(e.Key, f)
		}
	}
	for _, i := range b.open {
		if b.outcomes[i] == nil {
			b.outcomes[i] = errUnmentioned
		}
	}
	if again != nil {
		return again
	}
	return nil
}

// at finds the victim of a key in an answer.
func (b *batch) at(name *string) (int, bool) {
	key, err := b.s.relative(aws.ToString(name), "")
	if err != nil {
		return 0, false
	}
	i, open := b.open[key]
	return i, open
}

// settle gives a victim its outcome. A key that was not asked for changes nothing.
func (b *batch) settle(name *string, outcome error) {
	if i, open := b.at(name); open {
		b.outcomes[i] = outcome
		delete(b.open, b.victims[i].Key)
	}
}

// keyFault is what an answer says of one key.
func (s *Store) keyFault(e types.Error) *fault {
	f := &fault{kind: store.ErrInvalid, code: aws.ToString(e.Code), text: s.redact(aws.ToString(e.Message))}
	if kind, known := kinds[f.code]; known {
		f.kind = kind
	} else {
		f.code = s.redact(f.code)
	}
	f.transient = f.kind == store.ErrUnavailable
	f.slow = slowCodes[f.code]
	return f
}

// fitsXML reports whether a text survives a document of XML 1.0 unchanged. A key
// with a control character may not: another key would be named in its place.
func fitsXML(text string) bool {
	for _, r := range text {
		if r < 0x20 || r == 0x7f || r == '\uFFFD' || r == '\uFFFE' || r == '\uFFFF' {
			return false
		}
	}
	return true
}

// withMD5 sends Content-MD5 in the place of the checksums of the SDK, which older
// stores do not know.
func withMD5(stack *middleware.Stack) error {
	for _, id := range []string{"AWSChecksum:SetupInputContext", "AWSChecksum:RequestMetricsTracking"} {
		_, _ = stack.Initialize.Remove(id)
		_, _ = stack.Build.Remove(id)
	}
	for _, id := range []string{"AWSChecksum:ComputeInputPayloadChecksum", "addInputChecksumTrailer"} {
		_, _ = stack.Finalize.Remove(id)
	}
	return smithyhttp.AddContentChecksumMiddleware(stack)
}
