package finalize

import "recfin/probe"

// VerificationJSON is what `verify --json` prints of one recording. The form is
// stable: fields are added, never changed or removed, without a new version.
type VerificationJSON struct {
	Version   int                   `json:"version"` // 1
	Recording string                `json:"recording"`
	Status    VerifyStatus          `json:"status"`
	Deep      bool                  `json:"deep"`
	Sessions  []VerifiedSessionJSON `json:"sessions"`
	Findings  []Finding             `json:"findings"`
	Errors    int                   `json:"errors"`
	Warnings  int                   `json:"warnings"`
	Cost      Cost                  `json:"cost"`
	// Error says why it could not be read back.
	Error string `json:"error,omitempty"`
}

// VerifiedSessionJSON is how much of a session was looked at. The duration is
// seconds.
type VerifiedSessionJSON struct {
	ID         string        `json:"id"`
	Version    string        `json:"version"`
	Duration   probe.Seconds `json:"duration"`
	Renditions int           `json:"renditions"`
	Playlists  int           `json:"playlists"`
	References int           `json:"references"`
	Probed     int           `json:"probed_segments"`
	Movies     int           `json:"mp4s"`
}

// VerifyStatus sums a verification up.
type VerifyStatus string

// Statuses, the best first.
const (
	StatusSound    VerifyStatus = "sound"    // nothing was found but what is worth knowing
	StatusWarnings VerifyStatus = "warnings" // it plays
	StatusBroken   VerifyStatus = "broken"   // something is wrong
	StatusDamaged  VerifyStatus = "damaged"  // and a run does not bring it back
	StatusUnread   VerifyStatus = "unread"   // it could not be read back
)

// Status sums the findings up.
func (v *Verification) Status() VerifyStatus {
	switch {
	case v.Damaged:
		return StatusDamaged
	case v.Failed():
		return StatusBroken
	case v.Count(SeverityWarning) > 0:
		return StatusWarnings
	}
	return StatusSound
}

// JSON gives the verification.
func (v *Verification) JSON() VerificationJSON {
	out := VerificationJSON{
		Version: 1, Recording: v.Recording, Status: v.Status(), Deep: v.Deep, Sessions: []VerifiedSessionJSON{}, Findings: append([]Finding{}, v.Findings...),
		Errors: v.Count(SeverityError), Warnings: v.Count(SeverityWarning), Cost: v.Cost,
	}
	for _, s := range v.Sessions {
		out.Sessions = append(out.Sessions, VerifiedSessionJSON{
			ID: s.ID, Version: s.Version, Duration: probe.Seconds(s.Duration), Renditions: s.Renditions,
			Playlists: s.Playlists, References: s.References, Probed: s.Probed, Movies: s.Movies,
		})
	}
	return out
}

// UnreadJSON is what stands in the place of a recording that could not be read back.
func UnreadJSON(recording string, opt VerifyOptions, why error) VerificationJSON {
	return VerificationJSON{
		Version: 1, Recording: recording, Status: StatusUnread, Deep: opt.Deep, Sessions: []VerifiedSessionJSON{}, Findings: []Finding{}, Error: why.Error(),
	}
}
