package finalize

// Severity says how bad a finding is.
type Severity string

// Severities of findings, the worst first.
const (
	SeverityError   Severity = "error"   // a player, or a later run, meets it
	SeverityWarning Severity = "warning" // it works, and should not stay so
	SeverityInfo    Severity = "info"    // worth knowing
)

// Finding is one thing that verifying found.
type Finding struct {
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"` // of [VerifyRules] or of playlist.Rules
	// Reference is the specification that the rule is of, such as "RFC 8216 §4.3.2.1", or
	// "recfin".
	Reference string `json:"reference"`
	Session   string `json:"session,omitempty"`
	Object    string `json:"object,omitempty"` // key in the store of outputs, or of what it names
	Line      int    `json:"line,omitempty"`   // of a playlist, from 1
	Text      string `json:"text"`             // what is wrong
	Do        string `json:"do,omitempty"`     // what to do about it
	More      int    `json:"more,omitempty"`   // so many like this one are not listed
}

// times is how many findings this one stands for.
func (f *Finding) times() int { return 1 + f.More }

// VerifyRule is a rule that verifying holds a recording against, beside those of the
// specification of HLS.
type VerifyRule struct {
	Name      string
	Reference string // what it follows from: the specification of HLS or of MP4, or "recfin" and a rule of this package
	Severity  Severity
	Damage    bool   // breaking it damages the recording
	Holds     string // what must be true
	Do        string // what to do where it is not
}

// Names of rules. Other programs read them.
const (
	ruleMarker    = "marker"
	ruleClaim     = "claim"
	ruleRecord    = "record"
	ruleEntry     = "entry"
	ruleCondemned = "condemned-list"
	ruleSeen      = "seen-list"

	ruleOutputGone      = "output-gone"
	ruleOutputLost      = "output-lost"
	ruleOutputChanged   = "output-changed"
	ruleOutputContent   = "output-content"
	ruleOutputCondemned = "output-condemned"
	ruleTouched         = "touched"
	ruleExpires         = "expires"

	ruleDoorGone  = "door-gone"
	ruleDoorStale = "door-stale"

	ruleRefOutside   = "reference-outside"
	ruleRefGone      = "reference-gone"
	ruleRefLost      = "reference-lost"
	ruleRefChanged   = "reference-changed"
	ruleRefRange     = "reference-range"
	ruleRefCondemned = "reference-condemned"
	ruleRefUnknown   = "reference-unknown"
	ruleGap          = "gap-exists"

	ruleRows     = "rows"
	ruleExtinf   = "duration-extinf"
	ruleSum      = "duration-sum"
	ruleMovie    = "mp4-head"
	ruleMovieEnd = "mp4-duration"

	ruleProbe         = "probe"
	ruleProbeDuration = "probe-duration"
	ruleProbeCodecs   = "probe-codecs"
	ruleProbeSize     = "probe-resolution"
	ruleProbeAccess   = "probe-independent"
	ruleProbeJoin     = "probe-discontinuity"
	ruleProbeInit     = "probe-init"
	ruleProbeSum      = "probe-checksum"
	ruleProbeIFrame   = "probe-iframe"
)

const (
	restore  = "restore it from a backup or an older version of the object; nothing of the recording is written or deleted until then"
	nextRun  = "recfin finalize ID, or the next recfin run, mends it"
	ofRecfin = "please report it with what recfin verify --json says"
)

// VerifyRules are all rules of verifying, in the order of the documentation.
func VerifyRules() []VerifyRule {
	return []VerifyRule{
		{ruleMarker, "recfin P4", SeverityError, true, "the marker is one that this program understands in full", restore},
		{ruleClaim, "recfin", SeverityError, false, "each ID of the recording has a marker that says so", "recfin finalize ID makes a missing one; where it was finalized apart, move one of the two folders away"},
		{ruleRecord, "recfin P4", SeverityError, true, "segments.json.gz of each session is what the marker vouches for", restore},
		{ruleEntry, "recfin P4", SeverityError, false, "the marker and segments.json.gz say the same of a session", ofRecfin},
		{ruleCondemned, "recfin P10", SeverityError, true, "each list of condemned objects is what the marker vouches for", restore},
		{ruleSeen, "recfin P4", SeverityError, true, "the list of what came later is what the marker vouches for", restore},

		{ruleOutputGone, "recfin P3", SeverityError, false, "every output is there", nextRun + ": it is written anew from its segments, which are all there"},
		{ruleOutputLost, "recfin I11", SeverityError, true, "every output is there that cannot be made again", restore},
		{ruleOutputChanged, "recfin I11", SeverityError, true, "every output has the size and ETag that it was proved with, or the same bytes", restore},
		{ruleOutputContent, "recfin P3", SeverityError, true, "the bytes of every output have the checksum in the record", restore},
		{ruleOutputCondemned, "recfin P10", SeverityError, false, "nothing that is committed is marked for deletion", "recfin keep ID; " + ofRecfin},
		{ruleTouched, "recfin I11", SeverityInfo, false, "an object is the one that was committed, not the same bytes uploaded anew", "nothing: the bytes are the same"},
		{ruleExpires, "recfin", SeverityWarning, false, "no lifecycle rule of the store deletes what the recording needs", "exempt it from the rule"},

		{ruleDoorGone, "recfin P8", SeverityError, false, "each session with playlists has its index.m3u8, and each that it absorbed", nextRun},
		{ruleDoorStale, "recfin P8", SeverityWarning, false, "index.m3u8 is what the marker says", nextRun},

		{ruleRefOutside, "RFC 8216 §2", SeverityError, false, "a playlist names only what lies in its own store", ofRecfin},
		{ruleRefGone, "recfin I11", SeverityError, true, "what a playlist names is there", restore},
		{ruleRefLost, "recfin P21", SeverityError, false, "what index.m3u8 names is there", nextRun},
		{ruleRefChanged, "recfin I11", SeverityError, true, "what a playlist names has the size and ETag in the record, or the same bytes", restore},
		{ruleRefRange, "RFC 8216 §4.3.2.2", SeverityError, false, "a byte range ends within its object", restore},
		{ruleRefCondemned, "recfin I8", SeverityError, false, "no playlist names what is marked for deletion (I8)", "recfin keep ID; " + ofRecfin},
		{ruleRefUnknown, "recfin I8", SeverityError, false, "a playlist names only what the record knows", ofRecfin},
		{ruleGap, "draft-pantos-hls-rfc8216bis §4.4.4.7", SeverityError, false, "there is no object under the URI of an EXT-X-GAP segment", "delete it or move it away: players may show it"},

		{ruleRows, "recfin P3", SeverityError, false, "a playlist lists the slots of its rendition: the right objects, ranges, init segments, gaps and discontinuities", ofRecfin},
		{ruleExtinf, "RFC 8216 §4.3.2.1", SeverityError, false, "each EXTINF is the duration in the record, to the millisecond", ofRecfin},
		{ruleSum, "RFC 8216 §4.3.2.1", SeverityError, false, "the sum of EXTINF is that of the record, to 1 ms an hour", ofRecfin},
		{ruleMovie, "ISO/IEC 14496-12 §8", SeverityError, true, "the head of an MP4 is whole, leads into its body and counts what the record counts", restore},
		{ruleMovieEnd, "recfin P3", SeverityError, false, "an MP4 lasts as long as the segments in it, but for holes, joins and what was dropped", ofRecfin},

		{ruleProbe, "RFC 8216 §3", SeverityError, false, "the media of a segment can be read", "recfin probe KEY says more"},
		{ruleProbeDuration, "RFC 8216 §4.3.2.1", SeverityError, false, "a segment lasts as long as its EXTINF says, to 50 ms or one and a half pictures", "recfin probe KEY says more; with --durations probe every segment is measured before it is written"},
		{ruleProbeCodecs, "RFC 8216 §4.3.4.2", SeverityError, false, "CODECS names every codec of the media", ofRecfin},
		{ruleProbeSize, "RFC 8216 §4.3.4.2", SeverityError, false, "no picture is larger than RESOLUTION", ofRecfin},
		{ruleProbeAccess, "RFC 8216 §4.3.5.1", SeverityError, false, "where EXT-X-INDEPENDENT-SEGMENTS says so, each segment begins with an IDR picture", ofRecfin},
		{ruleProbeJoin, "RFC 8216 §4.3.2.3", SeverityError, false, "EXT-X-DISCONTINUITY stands where timestamps, tracks, codecs or picture sizes change", ofRecfin},
		{ruleProbeInit, "recfin I11", SeverityError, true, "an init segment is the one that the record has", restore},
		{ruleProbeSum, "recfin I11", SeverityError, true, "the bytes of a segment are those that were finalized (with --deep)", restore},
		{ruleProbeIFrame, "RFC 8216 §4.3.3.6", SeverityError, false, "each range of an I-frame playlist is an I picture that decodes by itself (with --deep)", ofRecfin},
	}
}

// verifyRule finds a rule by its name.
var verifyRule = func() map[string]VerifyRule {
	all := map[string]VerifyRule{}
	for _, r := range VerifyRules() {
		all[r.Name] = r
	}
	return all
}()
