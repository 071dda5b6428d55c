package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Limits of the server itself.
const (
	headerTimeout = 10 * time.Second // for the head of a request
	idleTimeout   = 2 * time.Minute  // of a connection between requests
	mostHeader    = 64 << 10         // bytes; a key has at most 1,024
	lastWords     = 2 * time.Second  // for what is under way when the server ends
)

// Run answers requests with h on l until the context ends, which is no error. Then it
// takes no more, and breaks off what has not ended soon after: an answer may be as long
// as a recording.
func Run(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: mostHeader}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-ended
	return err
}
