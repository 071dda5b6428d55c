package s3

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

type freshKey struct{}

// withFresh asks for a connection of its own for the requests of ctx.
func withFresh(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey{}, true)
}

func wantsFresh(ctx context.Context) bool {
	return ctx.Value(freshKey{}) != nil
}

// once sends a request over one connection of the pool. Where that one turns out to
// be dead, package http sends some requests again over the next one of the pool, and
// so on: behind a peer that fell silent each of them costs an idle deadline. Here
// the request fails instead, and whoever tries again asks for a fresh connection.
func once(client aws.HTTPClient, req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	var taken atomic.Int32
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		if taken.Add(1) > 1 && c.Reused {
			cancel()
		}
	}})
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &cancelling{resp.Body, cancel}
	return resp, nil
}

// cancelling is a body that ends the context of its request.
type cancelling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c *cancelling) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}
