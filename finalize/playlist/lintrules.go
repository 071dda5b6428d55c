package playlist

// Rule names one rule that a playlist can break. The names are stable.
type Rule string

// Rules of any playlist.
const (
	RuleEncoding          Rule = "encoding"
	RuleControl           Rule = "control-character"
	RuleLineEnd           Rule = "line-end"
	RuleBlankLine         Rule = "blank-line"
	RuleWhitespace        Rule = "whitespace"
	RuleHeader            Rule = "header"
	RuleUnknownTag        Rule = "unknown-tag"
	RuleForeignTag        Rule = "foreign-tag"
	RuleUnsupportedTag    Rule = "unsupported-tag"
	RuleTagValue          Rule = "tag-value"
	RuleTagMixed          Rule = "tag-mixed"
	RuleTagRepeated       Rule = "tag-repeated"
	RuleTagPlace          Rule = "tag-place"
	RuleAttributeList     Rule = "attribute-list"
	RuleAttributeRepeated Rule = "attribute-repeated"
	RuleAttributeType     Rule = "attribute-type"
	RuleAttributeMissing  Rule = "attribute-missing"
	RuleAttributeValue    Rule = "attribute-value"
	RuleAttributeUnknown  Rule = "attribute-unknown"
	RuleVersionLow        Rule = "version-low"
	RuleVersionHigh       Rule = "version-high"
	RuleURI               Rule = "uri"
	RuleURIReach          Rule = "uri-reach"
	RuleURIMissing        Rule = "uri-missing"
	RuleEmpty             Rule = "empty"
	RuleTooLong           Rule = "too-long"
)

// Rules of a media playlist.
const (
	RuleTargetMissing  Rule = "target-missing"
	RuleTarget         Rule = "target-duration"
	RuleInf            Rule = "extinf"
	RuleInfMissing     Rule = "extinf-missing"
	RuleInfDecimals    Rule = "extinf-decimals"
	RuleByteRange      Rule = "byterange"
	RuleByteRangeStart Rule = "byterange-offset"
	RuleOverlap        Rule = "overlap"
	RuleMapMissing     Rule = "map-missing"
	RuleMapKind        Rule = "map-kind"
	RuleMapRange       Rule = "map-range"
	RuleDate           Rule = "date"
	RuleDateForm       Rule = "date-form"
	RuleDateBack       Rule = "date-backwards"
	RuleDateMissing    Rule = "date-missing"
	RuleJoinFirst      Rule = "discontinuity-first"
	RuleGapRange       Rule = "gap-range"
	RuleGapURI         Rule = "gap-uri"
	RuleGapOnly        Rule = "gap-only"
	RuleType           Rule = "playlist-type"
	RuleEndList        Rule = "endlist"
	RuleIFrameRange    Rule = "iframe-range"
	RuleIFrameInit     Rule = "iframe-init"
)

// Rules of a multivariant playlist.
const (
	RuleAverage           Rule = "average-bandwidth"
	RuleCodecs            Rule = "codecs"
	RuleCodecsMissing     Rule = "codecs-missing"
	RuleCodecsUnknown     Rule = "codecs-unknown"
	RuleCodecsSound       Rule = "codecs-sound"
	RuleCodecsPictures    Rule = "codecs-pictures"
	RuleResolutionMissing Rule = "resolution-missing"
	RuleFrameRate         Rule = "frame-rate"
	RuleGroup             Rule = "group"
	RuleGroupUnused       Rule = "group-unused"
	RuleGroupName         Rule = "group-name"
	RuleGroupDefault      Rule = "group-default"
	RuleGroupSelect       Rule = "group-autoselect"
	RuleGroupMembers      Rule = "group-members"
	RuleCaptions          Rule = "closed-captions"
	RuleChannelsMissing   Rule = "channels-missing"
	RuleVariantRepeated   Rule = "variant-repeated"
)

// Rules of all playlists of a session together.
const (
	RuleSetKind            Rule = "set-kind"
	RuleSetTarget          Rule = "set-target"
	RuleSetTargetHigh      Rule = "set-target-high"
	RuleSetDiscontinuities Rule = "set-discontinuities"
	RuleSetDuration        Rule = "set-duration"
	RuleSetCount           Rule = "set-count"
	RuleSetSlots           Rule = "set-slots"
	RuleSetEnds            Rule = "set-ends"
	RuleSetGap             Rule = "set-gap"
	RuleSetGapAll          Rule = "set-gap-everywhere"
	RuleSetDateMissing     Rule = "set-date-missing"
	RuleSetDate            Rule = "set-date"
	RuleIFrameDuration     Rule = "iframe-duration"
	RuleIFrameObject       Rule = "iframe-object"
	RuleBandwidthLow       Rule = "bandwidth-low"
	RuleBandwidthHigh      Rule = "bandwidth-high"
)

// own is the reference of rules that are no rules of the specification but promises
// of this program.
const own = "recfin"

// What to do about a finding.
const (
	// A version is written once and by this program alone, so a text that is wrong is
	// not what was written.
	doRestore = "the playlist is not as this program writes it: restore the object, and look for who changed it; if nobody did, report it"
	doNothing = "nothing has to be done; the playlist was not written by this program, or was changed since"
	doClients = "it plays, in some clients worse: nothing has to be done; if nobody changed the playlist, report it"
	doMedia   = "compare the segments with the playlist (verify --deep)"
)

// ruleFacts is what is to be known of a rule.
type ruleFacts struct {
	rule      Rule
	reference string
	severity  Severity
	says, do  string
}

// ruleTable has all rules, in the order of the documentation.
var ruleTable = []ruleFacts{
	{RuleEncoding, "RFC 8216 §4.1", Error, "the text is UTF-8 without a byte order mark", doRestore},
	{RuleControl, "RFC 8216 §4.1", Error, "there is no control character but the line ends", doRestore},
	{RuleLineEnd, "RFC 8216 §4.1", Error, "each line ends with LF or CR LF, the last one too", doRestore},
	{RuleBlankLine, "RFC 8216 §4.1", Info, "a blank line means nothing", doNothing},
	{RuleWhitespace, "RFC 8216 §4.1", Error, "there is no white space where none is called for", doRestore},
	{RuleHeader, "RFC 8216 §4.3.1.1", Error, "the first line is EXTM3U", doRestore},
	{RuleUnknownTag, "RFC 8216 §6.3.1", Warning, "clients pass over a tag that the specification does not have", doNothing},
	{RuleForeignTag, own, Warning, "a tag that this program never writes", doNothing},
	{RuleUnsupportedTag, own, Error, "no tag changes what all the others mean (encryption, variables, delta updates)", doRestore},
	{RuleTagValue, "RFC 8216 §4.3", Error, "a tag has the value that its definition calls for, or none", doRestore},
	{RuleTagMixed, "RFC 8216 §4.1, §4.3.2, §4.3.3, §4.3.4", Error, "tags of media playlists and of multivariant playlists do not mix", doRestore},
	{RuleTagRepeated, "RFC 8216 §4.3.1.2, §4.3.2, §4.3.3, §4.3.5", Error, "a tag stands once in the playlist, or once before each segment", doRestore},
	{RuleTagPlace, "RFC 8216 §4.3.3.2, §4.3.3.3", Error, "the numbers of the first segment stand before it", doRestore},
	{RuleAttributeList, "RFC 8216 §4.2", Error, "an attribute list is NAME=value by commas, without white space", doRestore},
	{RuleAttributeRepeated, "RFC 8216 §4.2", Error, "no attribute stands twice in a list", doRestore},
	{RuleAttributeType, "RFC 8216 §4.2", Error, "an attribute has a value of its type", doRestore},
	{RuleAttributeMissing, "RFC 8216 §4.3", Error, "a required attribute is there", doRestore},
	{RuleAttributeValue, "RFC 8216 §4.3", Error, "an attribute has a value that its definition allows, and stands only where it may", doRestore},
	{RuleAttributeUnknown, "RFC 8216 §6.3.1", Warning, "clients pass over an attribute that the specification does not have", doNothing},
	{RuleVersionLow, "RFC 8216 §7, draft-pantos-hls-rfc8216bis §8", Error, "EXT-X-VERSION is as high as the tags need", doRestore},
	{RuleVersionHigh, own, Warning, "EXT-X-VERSION is no higher than the tags need, which would lock clients out", doClients},
	{RuleURI, "RFC 8216 §4.1, RFC 3986 §4.1", Error, "a URI is a percent-encoded URI reference", doRestore},
	{RuleURIReach, own, Error, "a reference leads to an object: not from a root that no store has, and without a fragment", doRestore},
	{RuleURIMissing, "RFC 8216 §4.3.2, §4.3.4.2", Error, "the URI follows that its tags are about", doRestore},
	{RuleEmpty, own, Error, "a playlist lists something", doRestore},
	{RuleTooLong, own, Error, "a playlist has no more segments than anything can play", doRestore},

	{RuleTargetMissing, "RFC 8216 §4.3.3.1", Error, "a media playlist has EXT-X-TARGETDURATION", doRestore},
	{RuleTarget, "RFC 8216 §4.3.3.1", Error, "each EXTINF, rounded to the nearest second, is at most EXT-X-TARGETDURATION", doRestore},
	{RuleInf, "RFC 8216 §4.3.2.1", Error, "EXTINF is a decimal number and a comma", doRestore},
	{RuleInfMissing, "RFC 8216 §4.3.2.1", Error, "each segment has EXTINF", doRestore},
	{RuleInfDecimals, own, Warning, "EXTINF has at least five decimals, so that no rounding adds up", doClients},
	{RuleByteRange, "RFC 8216 §4.3.2.2", Error, "a byte range is n[@o], and not empty", doRestore},
	{RuleByteRangeStart, "RFC 8216 §4.3.2.2", Error, "a byte range without an offset goes on where the segment before it ended, in the same object", doRestore},
	{RuleOverlap, own, Error, "no byte is listed twice in a playlist", doRestore},
	{RuleMapMissing, "RFC 8216 §3.3", Error, "a segment of fragmented MP4 has an EXT-X-MAP", doRestore},
	{RuleMapKind, "RFC 8216 §3.1, §4.3.2.5", Error, "the EXT-X-MAP in force is of the kind of its segments", doRestore},
	{RuleMapRange, own, Warning, "the byte range of EXT-X-MAP has an offset", doClients},
	{RuleDate, "RFC 8216 §4.3.2.6", Error, "EXT-X-PROGRAM-DATE-TIME is a date and time by ISO 8601", doRestore},
	{RuleDateForm, "RFC 8216 §4.3.2.6", Warning, "EXT-X-PROGRAM-DATE-TIME has milliseconds and a time zone", doClients},
	{RuleDateBack, own, Error, "a date is never below the one before it plus the durations between them", doRestore},
	{RuleDateMissing, own, Warning, "a playlist with dates has one at its start, and after each discontinuity and gap", doClients},
	{RuleJoinFirst, own, Warning, "no discontinuity stands before the first segment", doClients},
	{RuleGapRange, own, Error, "a gap has no byte range: its object does not exist", doRestore},
	{RuleGapURI, own, Warning, "the URI of a gap is gap and the extension of the segments, a name that no object has", doClients},
	{RuleGapOnly, own, Warning, "a playlist has more than gaps", doClients},
	{RuleType, own, Error, "a finished recording has EXT-X-PLAYLIST-TYPE:VOD", doRestore},
	{RuleEndList, own, Error, "a finished recording ends with EXT-X-ENDLIST", doRestore},
	{RuleIFrameRange, "RFC 8216 §4.3.3.6", Error, "an I picture is a byte range of its object", doRestore},
	{RuleIFrameInit, "RFC 8216 §4.3.3.6", Error, "an EXT-X-MAP, or bytes before the first I picture of its object, initialise the decoder", doRestore},

	{RuleAverage, "RFC 8216 §4.3.4.2", Error, "AVERAGE-BANDWIDTH is not above BANDWIDTH", doRestore},
	{RuleCodecs, "RFC 8216 §4.3.4.2, RFC 6381 §3", Error, "CODECS is a list of well-formed codecs by commas", doRestore},
	{RuleCodecsMissing, "RFC 8216 §4.3.4.2", Warning, "a variant stream says its CODECS", doClients},
	{RuleCodecsUnknown, "RFC 8216 §4.3.4.2, RFC 6381 §3", Warning, "CODECS has each codec once, and such as HLS clients know", doClients},
	{RuleCodecsSound, "RFC 8216 §4.3.4.2", Error, "CODECS has those of the audio group too", doRestore},
	{RuleCodecsPictures, "RFC 8216 §4.3.4.2, §4.3.4.3", Warning, "CODECS of a playlist of I pictures names no sound: there is none", doClients},
	{RuleResolutionMissing, "RFC 8216 §4.3.4.2", Warning, "a variant stream with video says its RESOLUTION", doClients},
	{RuleFrameRate, "RFC 8216 §4.3.4.2", Error, "FRAME-RATE is rounded to three decimals, and above 0", doRestore},
	{RuleGroup, "RFC 8216 §4.3.4.2.1", Error, "a group that a variant stream names exists", doRestore},
	{RuleGroupUnused, own, Warning, "a group is named by a variant stream, otherwise nothing plays it", doClients},
	{RuleGroupName, "RFC 8216 §4.3.4.1.1", Error, "the names in a group differ", doRestore},
	{RuleGroupDefault, "RFC 8216 §4.3.4.1.1", Error, "at most one member of a group is DEFAULT", doRestore},
	{RuleGroupSelect, "RFC 8216 §4.3.4.1.1", Warning, "members of a group with AUTOSELECT=YES differ in language or purpose", doClients},
	{RuleGroupMembers, "RFC 8216 §4.3.4.1.1", Error, "groups of one type have the same members", doRestore},
	{RuleCaptions, "RFC 8216 §4.3.4.2", Error, "CLOSED-CAPTIONS=NONE stands in all variant streams or in none", doRestore},
	{RuleChannelsMissing, "RFC 8216 §4.3.4.1", Warning, "an audio rendition says its CHANNELS", doClients},
	{RuleVariantRepeated, own, Warning, "a variant stream is listed once", doClients},

	{RuleSetKind, "RFC 8216 §4.3.4.3", Error, "EXT-X-I-FRAME-STREAM-INF, and nothing else, leads to a playlist of I pictures", doRestore},
	{RuleSetTarget, "RFC 8216 §6.2.4", Error, "EXT-X-TARGETDURATION is the same in all renditions", doRestore},
	{RuleSetTargetHigh, own, Warning, "EXT-X-TARGETDURATION is no longer than the longest segment of any rendition", doClients},
	{RuleSetDiscontinuities, "RFC 8216 §6.2.4", Error, "all playlists have the same discontinuities", doRestore},
	{RuleSetDuration, "RFC 8216 §6.2.4", Error, "nothing between two discontinuities lasts longer in one rendition than in another by more than the target duration", doMedia},
	{RuleSetCount, own, Error, "renditions that share their slots have as many segments", doRestore},
	{RuleSetSlots, own, Warning, "segments of renditions that share their slots begin at the same times, but behind discontinuities (100 ms)", doMedia},
	{RuleSetEnds, own, Info, "renditions that share their slots end together before each discontinuity and at the end (100 ms)", doNothing},
	{RuleSetGap, own, Error, "a gap lasts as long as a segment that it stands beside (50 ms)", doRestore},
	{RuleSetGapAll, own, Info, "where no rendition has media is a discontinuity and no gap", doClients},
	{RuleSetDateMissing, "RFC 8216 §6.2.4", Error, "all playlists have dates, or none", doRestore},
	{RuleSetDate, "RFC 8216 §6.2.4", Error, "dates at the same place of two playlists agree", doRestore},
	{RuleIFrameDuration, own, Error, "I pictures last as long as the media playlist, from one discontinuity to the next (50 ms)", doRestore},
	{RuleIFrameObject, own, Error, "an I picture lies within a segment of its media playlist", doRestore},
	{RuleBandwidthLow, "RFC 8216 §4.3.4.2", Error, "BANDWIDTH and AVERAGE-BANDWIDTH are at least what the segments need", doRestore},
	{RuleBandwidthHigh, own, Warning, "BANDWIDTH and AVERAGE-BANDWIDTH are at most a tenth more than what the segments need", doClients},
}

var factsOf = func() map[Rule]*ruleFacts {
	m := make(map[Rule]*ruleFacts, len(ruleTable))
	for i := range ruleTable {
		m[ruleTable[i].rule] = &ruleTable[i]
	}
	return m
}()

// Rules gives all rules, in the order of the documentation.
func Rules() []Rule {
	rules := make([]Rule, len(ruleTable))
	for i := range ruleTable {
		rules[i] = ruleTable[i].rule
	}
	return rules
}

// facts gives those of a rule; of a rule that does not exist, an error without text.
func (r Rule) facts() ruleFacts {
	if f := factsOf[r]; f != nil {
		return *f
	}
	return ruleFacts{rule: r, severity: Error}
}

// Reference is where the rule stands: a section of a specification, or "recfin" for
// a promise of this program.
func (r Rule) Reference() string { return r.facts().reference }

// Severity is that of each finding of the rule.
func (r Rule) Severity() Severity { return r.facts().severity }

// Says is the rule in a sentence.
func (r Rule) Says() string { return r.facts().says }

// Do is what to do about a finding, in a sentence.
func (r Rule) Do() string { return r.facts().do }
