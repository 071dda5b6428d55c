package playlist

// tagOf is the kind of playlist in which a tag may stand.
type tagOf int

const (
	ofAny   tagOf = iota // RFC 8216 §4.3.1, §4.3.5
	ofMedia              // §4.3.2, §4.3.3
	ofMulti              // §4.3.4
)

// tagShape is the form of a tag's value.
type tagShape int

const (
	shapeBare tagShape = iota // no value and no colon
	shapeText
	shapeList // an attribute list
)

// tagSpec is what holds for a tag wherever it stands.
type tagSpec struct {
	of    tagOf
	shape tagShape
	once  bool // in the playlist
	note  Rule // the finding that the tag alone is; then it is not read further
}

// tagSpecs are the tags of RFC 8216 §4.3 and draft-pantos-hls-rfc8216bis §4.4, by
// the name behind the '#'. EXT-X-ALLOW-CACHE was removed.
var tagSpecs = map[string]tagSpec{
	"EXT-X-VERSION":              {ofAny, shapeText, true, ""},
	"EXT-X-INDEPENDENT-SEGMENTS": {ofAny, shapeBare, true, ""},
	"EXT-X-START":                {ofAny, shapeList, true, RuleForeignTag},
	"EXT-X-DEFINE":               {ofAny, shapeList, false, RuleUnsupportedTag},

	"EXTINF":                  {ofMedia, shapeText, false, ""},
	"EXT-X-BYTERANGE":         {ofMedia, shapeText, false, ""},
	"EXT-X-DISCONTINUITY":     {ofMedia, shapeBare, false, ""},
	"EXT-X-KEY":               {ofMedia, shapeList, false, RuleUnsupportedTag},
	"EXT-X-MAP":               {ofMedia, shapeList, false, ""},
	"EXT-X-PROGRAM-DATE-TIME": {ofMedia, shapeText, false, ""},
	"EXT-X-DATERANGE":         {ofMedia, shapeList, false, RuleForeignTag},
	"EXT-X-GAP":               {ofMedia, shapeBare, false, ""},
	"EXT-X-BITRATE":           {ofMedia, shapeText, false, RuleForeignTag},
	"EXT-X-PART":              {ofMedia, shapeList, false, RuleForeignTag},

	"EXT-X-TARGETDURATION":         {ofMedia, shapeText, true, ""},
	"EXT-X-MEDIA-SEQUENCE":         {ofMedia, shapeText, true, ""},
	"EXT-X-DISCONTINUITY-SEQUENCE": {ofMedia, shapeText, true, ""},
	"EXT-X-ENDLIST":                {ofMedia, shapeBare, true, ""},
	"EXT-X-PLAYLIST-TYPE":          {ofMedia, shapeText, true, ""},
	"EXT-X-I-FRAMES-ONLY":          {ofMedia, shapeBare, true, ""},
	"EXT-X-PART-INF":               {ofMedia, shapeList, true, RuleForeignTag},
	"EXT-X-SERVER-CONTROL":         {ofMedia, shapeList, true, RuleForeignTag},
	"EXT-X-PRELOAD-HINT":           {ofMedia, shapeList, false, RuleForeignTag},
	"EXT-X-RENDITION-REPORT":       {ofMedia, shapeList, false, RuleForeignTag},
	"EXT-X-SKIP":                   {ofMedia, shapeList, true, RuleUnsupportedTag},

	"EXT-X-MEDIA":              {ofMulti, shapeList, false, ""},
	"EXT-X-STREAM-INF":         {ofMulti, shapeList, false, ""},
	"EXT-X-I-FRAME-STREAM-INF": {ofMulti, shapeList, false, ""},
	"EXT-X-SESSION-DATA":       {ofMulti, shapeList, false, RuleForeignTag},
	"EXT-X-SESSION-KEY":        {ofMulti, shapeList, false, RuleUnsupportedTag},
	"EXT-X-CONTENT-STEERING":   {ofMulti, shapeList, true, RuleForeignTag},
}

// attributeSpec is what holds for an attribute of a tag.
type attributeSpec struct {
	name     string
	kind     attributeKind
	required bool
}

// streamAttributes are those that EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF
// share (RFC 8216 §4.3.4.2, draft-pantos-hls-rfc8216bis §4.4.6.2).
var streamAttributes = []attributeSpec{
	{"BANDWIDTH", kindInteger, true},
	{"AVERAGE-BANDWIDTH", kindInteger, false},
	{"SCORE", kindFloat, false},
	{"CODECS", kindQuoted, false},
	{"SUPPLEMENTAL-CODECS", kindQuoted, false},
	{"RESOLUTION", kindResolution, false},
	{"HDCP-LEVEL", kindEnumerated, false},
	{"ALLOWED-CPC", kindQuoted, false},
	{"VIDEO-RANGE", kindEnumerated, false},
	{"REQ-VIDEO-LAYOUT", kindQuoted, false},
	{"STABLE-VARIANT-ID", kindQuoted, false},
	{"VIDEO", kindQuoted, false},
	{"PATHWAY-ID", kindQuoted, false},
}

// attributeSpecs are the attributes of the tags that are read.
var attributeSpecs = map[string][]attributeSpec{
	"EXT-X-MAP": {
		{"URI", kindQuoted, true},
		{"BYTERANGE", kindQuoted, false},
	},
	"EXT-X-STREAM-INF": append([]attributeSpec{
		{"FRAME-RATE", kindFloat, false},
		{"AUDIO", kindQuoted, false},
		{"SUBTITLES", kindQuoted, false},
		{"CLOSED-CAPTIONS", kindQuotedOrNone, false},
	}, streamAttributes...),
	"EXT-X-I-FRAME-STREAM-INF": append([]attributeSpec{
		{"URI", kindQuoted, true},
	}, streamAttributes...),
	"EXT-X-MEDIA": {
		{"TYPE", kindEnumerated, true},
		{"URI", kindQuoted, false},
		{"GROUP-ID", kindQuoted, true},
		{"LANGUAGE", kindQuoted, false},
		{"ASSOC-LANGUAGE", kindQuoted, false},
		{"NAME", kindQuoted, true},
		{"STABLE-RENDITION-ID", kindQuoted, false},
		{"DEFAULT", kindEnumerated, false},
		{"AUTOSELECT", kindEnumerated, false},
		{"FORCED", kindEnumerated, false},
		{"INSTREAM-ID", kindQuoted, false},
		{"BIT-DEPTH", kindInteger, false},
		{"SAMPLE-RATE", kindInteger, false},
		{"CHARACTERISTICS", kindQuoted, false},
		{"CHANNELS", kindQuoted, false},
	},
}
