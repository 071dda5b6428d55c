package s3double

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"slices"
	"strings"
)

const (
	sumHeader  = "X-Amz-Checksum-"
	crc64nvme  = "Crc64nvme"
	crcHeader  = sumHeader + crc64nvme
	typeHeader = sumHeader + "Type"
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// algorithms are the additional checksums of S3 by the end of their header.
var algorithms = map[string]func() hash.Hash{
	crc64nvme: func() hash.Hash { return crc64.New(nvme) },
	"Crc32":   func() hash.Hash { return crc32.NewIEEE() },
	"Crc32c":  func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"Sha1":    sha1.New,
	"Sha256":  sha256.New,
}

func digest(algorithm string, body []byte) string {
	h := algorithms[algorithm]()
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func digestMD5(body []byte) string {
	sum := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// checkPayload holds the body against the hash that was signed.
func checkPayload(r *http.Request, body []byte) *reply {
	switch want := r.Header.Get(payloadHash); {
	case want == "UNSIGNED-PAYLOAD":
		return nil
	case strings.HasPrefix(want, "STREAMING-"):
		return notImplemented("bodies in signed chunks")
	default:
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != want {
			return refuse(http.StatusBadRequest, "XAmzContentSHA256Mismatch")
		}
	}
	return nil
}

// checked holds the body against Content-MD5 and additional checksums, and gives
// the algorithm that was used; empty: none.
func (c *call) checked() (algorithm string, bad *reply) {
	if sent := c.head("Content-Md5"); sent != "" {
		if raw, err := base64.StdEncoding.DecodeString(sent); err != nil || len(raw) != md5.Size {
			return "", refuse(http.StatusBadRequest, "InvalidDigest")
		}
		if sent != digestMD5(c.body) {
			return "", refuse(http.StatusBadRequest, "BadDigest")
		}
	}
	if c.s.opt.Checksums == ChecksumsIgnored {
		return "", nil
	}
	for name := range c.r.Header {
		end, found := strings.CutPrefix(name, sumHeader)
		if !found || algorithms[end] == nil {
			continue
		}
		if algorithm != "" {
			return "", invalid("Expecting a single x-amz-checksum- header")
		}
		algorithm = end
		if c.s.opt.Checksums == ChecksumsComputed && c.head(name) != digest(end, c.body) {
			return "", refuse(http.StatusBadRequest, "BadDigest", "The "+strings.ToUpper(end)+" you specified did not match what we received")
		}
	}
	named := strings.ToLower(c.head("X-Amz-Sdk-Checksum-Algorithm"))
	if named != "" && algorithm != "" && named != strings.ToLower(algorithm) {
		return "", invalid("Value for x-amz-sdk-checksum-algorithm header is invalid")
	}
	return algorithm, nil
}

// sumsOf are the checksums that are told of an object stored whole.
func (c *call) sumsOf(algorithm string, stored []byte) http.Header {
	sums := http.Header{}
	switch {
	case c.s.opt.Checksums == ChecksumsIgnored, c.s.opt.Checksums == ChecksumsEchoed && algorithm == "":
		return sums
	case c.s.opt.Checksums == ChecksumsEchoed:
		sums.Set(sumHeader+algorithm, c.head(sumHeader+algorithm))
	case algorithm == "":
		sums.Set(crcHeader, digest(crc64nvme, stored))
	default:
		sums.Set(sumHeader+algorithm, digest(algorithm, stored))
	}
	sums.Set(typeHeader, fullObject)
	return sums
}

// spoiled is the body as it reaches the disk.
func (c *call) spoiled(body []byte) []byte {
	if at := c.x.flip; at > 0 && at <= int64(len(body)) {
		body = slices.Clone(body)
		body[at-1] ^= 0x40
	}
	return body
}
