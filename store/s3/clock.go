package s3

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// clock remembers the Date of the last answer: the only clock of the store
// that its protocol shows.
type clock struct {
	mu   sync.Mutex
	date time.Time // by the store
	at   time.Time // when it came, by the monotonic clock of this process
}

// fresh gives the last date unless it is older than age.
func (c *clock) fresh(age time.Duration) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.date, !c.date.IsZero() && time.Since(c.at) <= age
}

// last gives the last date, zero before the first answer.
func (c *clock) last() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.date
}

func (c *clock) note(resp *http.Response) {
	if resp.StatusCode >= 500 { // perhaps by something in front of the store
		return
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.date, c.at = date.UTC(), time.Now()
}

// clockClient passes requests on and notes the date of each answer.
type clockClient struct {
	inner aws.HTTPClient
	fresh aws.HTTPClient // makes a connection for each request
	clock *clock
}

func (c clockClient) Do(req *http.Request) (*http.Response, error) {
	var resp *http.Response
	var err error
	if wantsFresh(req.Context()) {
		resp, err = c.fresh.Do(req)
	} else {
		resp, err = once(c.inner, req)
	}
	if err == nil {
		c.clock.note(resp)
	}
	return resp, err
}
