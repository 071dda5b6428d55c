package finalize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"recfin/store"
)

const (
	leaseFormat  = "recfin/lease"
	leaseVersion = 1

	leaseFolder = "leases/" // in the private folder of the outputs

	// maxLease bounds what is read of a lease. Ours have some hundred bytes.
	maxLease = 1 << 20
)

// Lease says that a process works on a recording. It saves double work and
// nothing else: what keeps two runs apart is the swap of the marker, and every
// output is right whoever holds a lease, or nobody.
//
// It stands in <out>/.recfin/leases/, named by the recording, is made with
// If-None-Match, renewed and taken over with If-Match, and deleted at the end.
type Lease struct {
	Format    string        `json:"format"` // "recfin/lease"
	Version   int           `json:"version"`
	Recording string        `json:"recording"`
	Token     string        `json:"token"`   // random: whose it is
	Renewed   int64         `json:"renewed"` // how often; no two versions have the same bytes
	Host      string        `json:"host"`
	Boot      string        `json:"boot,omitempty"`
	PIDs      string        `json:"pids,omitempty"`
	PID       int           `json:"pid"`
	Started   int64         `json:"started,omitempty"`
	Since     time.Time     `json:"since"` // by the clock of the store
	Settings  LeaseSettings `json:"settings"`
	// Released: nobody holds it. It stands where it could not be deleted.
	Released bool `json:"released,omitempty"`
}

// tokenForm is that of 16 random bytes.
var tokenForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// leaseDir is where leases are.
func (c Config) leaseDir() string { return c.OutPath + store.Private + leaseFolder }

// leaseKey is where the lease of a recording is.
func (c Config) leaseKey(recording string) string { return c.leaseDir() + leaseName(recording) }

func leaseName(recording string) string { return hashHex([]byte(recording))[:32] + ".json" }

// encode gives the bytes of the lease, ending in a newline.
func (l *Lease) encode() ([]byte, error) {
	raw, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the lease of %s: %w", store.Printable(l.Recording), err)
	}
	return append(raw, '\n'), nil
}

// errNoLease: the bytes are no lease that this program understands. Whose it is
// cannot be told then, only how old it is.
var errNoLease = errors.New("it is no lease of this program")

// decodeLease reads a lease. Anybody who may write into the store may have made it.
func decodeLease(raw []byte) (*Lease, error) {
	if len(raw) > maxLease {
		return nil, fmt.Errorf("%w: it has %d bytes", errNoLease, len(raw))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	l := &Lease{}
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("%w: %v", errNoLease, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something stands behind its end", errNoLease)
	}
	switch {
	case l.Format != leaseFormat || l.Version != leaseVersion:
		return nil, fmt.Errorf("%w: it has format %q version %d, this program knows %q version %d", errNoLease, l.Format, l.Version, leaseFormat, leaseVersion)
	case !tokenForm.MatchString(l.Token):
		return nil, fmt.Errorf("%w: its token makes no sense", errNoLease)
	case l.Renewed < 0 || l.PID < 0:
		return nil, fmt.Errorf("%w: its numbers make no sense", errNoLease)
	}
	if err := checkRecording(l.Recording); err != nil {
		return nil, fmt.Errorf("%w: %v", errNoLease, err)
	}
	return l, nil
}
