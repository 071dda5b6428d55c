package s3

import (
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// unsigned leaves the SHA-256 of a part out of its signature (UNSIGNED-PAYLOAD), as
// the SDK does by itself over TLS: over plain http it costs as much of a processor
// as everything else here, twice, since the store computes it too. It is for
// parts alone that carry a checksum which this store was seen to compare.
func unsigned(o *awss3.Options) {
	awss3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)(o)
}
