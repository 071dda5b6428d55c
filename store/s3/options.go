package s3

import (
	"fmt"
	"net/url"
	"strings"

	"recfin/store"
)

// Options say where a store is and how to reach it.
type Options struct {
	Endpoint  string // "https://host[:port]" of an S3-compatible store; empty: AWS
	Region    string // empty: from the environment or profile, else us-east-1
	Bucket    string
	Prefix    string // a folder in the bucket; a slash is added where it lacks one
	AccessKey string // empty, with SecretKey: the default credential chain of AWS
	SecretKey string
	Label     string // name in messages and plans; empty: made from endpoint, bucket and prefix
	PathStyle bool   // bucket in the path instead of in the host name

	// Hurry divides every wait for a service that is silent, slow or failing, and
	// PartSize takes the place of the 8 MiB that the parts of an upload have at least:
	// a double answers at once and takes small parts. CopySize takes the place of the
	// 5 GiB that a store copies by one request, and is then the size of the parts that
	// a larger object is copied in. 0: as documented.
	Hurry    int
	PartSize int64
	CopySize int64

	// Concurrency is the number of deletes in flight (of batches four at most), of places
	// where one listing is read, of all calls in flight, and of connections that are kept
	// open where it is more than 128; 0 means 16 of the former and as many calls as are
	// made. One upload sends at most six parts at the same time, however large it is:
	// they are held in memory. A store that says "slow down" gets fewer.
	Concurrency int
}

const (
	defaultRegion      = "us-east-1"
	defaultConcurrency = 16
	maxPartWorkers     = 6
	unbounded          = 1 << 20
)

// normalize checks opt and fills what follows from the rest of it.
func (opt Options) normalize() (Options, error) {
	if opt.Bucket == "" || strings.ContainsAny(opt.Bucket, "/?#% ") {
		return opt, fmt.Errorf("%w: %q is not the name of a bucket", store.ErrInvalid, opt.Bucket)
	}
	if (opt.AccessKey == "") != (opt.SecretKey == "") {
		return opt, fmt.Errorf("%w: access key and secret key are only good together", store.ErrInvalid)
	}
	opt.Prefix = strings.TrimLeft(opt.Prefix, "/")
	if opt.Prefix != "" && !strings.HasSuffix(opt.Prefix, "/") {
		opt.Prefix += "/"
	}
	label := "s3://" + opt.Bucket + "/" + opt.Prefix
	if opt.Endpoint != "" {
		u, err := endpointURL(opt.Endpoint)
		if err != nil {
			return opt, err
		}
		opt.Endpoint = u.Scheme + "://" + u.Host
		label = "s3+" + opt.Endpoint + "/" + opt.Bucket + "/" + opt.Prefix
	}
	if opt.Label == "" {
		opt.Label = label
	}
	if opt.Concurrency < 0 || opt.Hurry < 0 || opt.PartSize < 0 || opt.CopySize < 0 {
		return opt, fmt.Errorf("%w: a concurrency of %d, a hurry of %d, parts of %d bytes, copies of %d bytes",
			store.ErrInvalid, opt.Concurrency, opt.Hurry, opt.PartSize, opt.CopySize)
	}
	return opt, nil
}

// endpointURL parses an endpoint. Its errors never echo the text, which may
// hold a password.
func endpointURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return nil, fmt.Errorf("%w: the endpoint is not an http or https URL", store.ErrInvalid)
	case u.User != nil:
		return nil, fmt.Errorf("%w: the endpoint holds credentials; give them as keys", store.ErrInvalid)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%w: the endpoint of host %s has a path or query", store.ErrInvalid, u.Host)
	}
	return u, nil
}

// requests is the number of requests in flight.
func (opt Options) requests() int {
	if opt.Concurrency == 0 {
		return defaultConcurrency
	}
	return opt.Concurrency
}

// calls is the number of calls in flight while the store is well.
func (opt Options) calls() int {
	if opt.Concurrency == 0 {
		return unbounded
	}
	return opt.Concurrency
}
