package s3

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// Sweep aborts multipart uploads below prefix that were begun more than age ago.
func (s *Store) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	before := now.Add(-age)
	in := &awss3.ListMultipartUploadsInput{
		Bucket: s.bucket(), Prefix: s.name(prefix), EncodingType: types.EncodingTypeUrl,
	}
	for swept := 0; ; {
		var page *awss3.ListMultipartUploadsOutput
		_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) (err error) {
			page, err = s.client.ListMultipartUploads(ctx, in)
			return err
		})
		if err != nil {
			return swept, s.fail("list uploads of", prefix, err)
		}
		for _, u := range page.Uploads {
			key, err := s.relative(aws.ToString(u.Key), page.EncodingType)
			if err != nil {
				return swept, s.fail("list uploads of", prefix, err)
			}
			if u.Initiated == nil || !u.Initiated.Before(before) {
				continue
			}
			if err := s.abortUpload(ctx, key, aws.ToString(u.UploadId)); err != nil {
				return swept, s.fail("abort an upload of", key, err)
			}
			swept++
		}
		if !aws.ToBool(page.IsTruncated) {
			return swept, nil
		}
		if err := followUploads(in, page); err != nil {
			return swept, s.fail("list uploads of", prefix, err)
		}
	}
}

// followUploads makes in the request for the page after this one.
func followUploads(in *awss3.ListMultipartUploadsInput, page *awss3.ListMultipartUploadsOutput) error {
	key, id := aws.ToString(page.NextKeyMarker), aws.ToString(page.NextUploadIdMarker)
	if key == "" || key == aws.ToString(in.KeyMarker) && id == aws.ToString(in.UploadIdMarker) {
		return unavailable("the listing is cut off and does not say how it goes on")
	}
	if page.EncodingType == types.EncodingTypeUrl {
		plain, err := url.QueryUnescape(key)
		if err != nil {
			return fmt.Errorf("%w: the listing goes on behind a key that is not well encoded: %q", store.ErrInvalid, key)
		}
		key = plain
	}
	in.KeyMarker, in.UploadIdMarker = optional(key), optional(id)
	return nil
}

// abortUpload ends an upload; one that is gone is ended.
func (s *Store) abortUpload(ctx context.Context, key, id string) error {
	_, err := s.call(ctx, s.tune.limit(0), func(ctx context.Context) error {
		_, err := s.client.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{
			Bucket: s.bucket(), Key: s.name(key), UploadId: &id,
		})
		return err
	})
	if errors.Is(err, errNoUpload) {
		return nil
	}
	return err
}
