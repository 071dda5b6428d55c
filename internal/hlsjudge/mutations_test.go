package hlsjudge_test

const (
	target   = "#EXT-X-TARGETDURATION:2\n"
	two      = "#EXTINF:2.000000,\n"
	discont  = "#EXT-X-DISCONTINUITY\n"
	dateTag  = "#EXT-X-PROGRAM-DATE-TIME:"
	gapOfTwo = "#EXT-X-GAP\n" + two
)

// §4.1, §4.3.1: the text as such.
var textMutations = []mutation{
	{"a byte order mark", "hole", "720p.m3u8", swap("#EXTM3U", "\uFEFF#EXTM3U"), "§4.1", "encoding"},
	{"a byte order mark in the door", "hole", "index.m3u8", swap("#EXTM3U", "\uFEFF#EXTM3U"), "§4.1", "encoding"},
	{"a control character", "hole", "720p.m3u8", swap("/2.ts", "/\a2.ts"), "§4.1", "control-character"},
	{"a C1 control character", "hole", "720p.m3u8", swap("#EXT-X-ENDLIST", "# \u0085\n#EXT-X-ENDLIST"), "§4.1", "control-character"},
	{"not UTF-8", "hole", "720p.m3u8", swap("#EXT-X-ENDLIST", "# \xff\n#EXT-X-ENDLIST"), "§4.1", "encoding"},
	{"the last line is not ended", "hole", "720p.m3u8", swap("#EXT-X-ENDLIST\n", "#EXT-X-ENDLIST"), "§4.1", "line-end"},
	{"no EXTM3U", "hole", "720p.m3u8", drop(1, "#EXTM3U"), "§4.3.1.1", "header"},
	{"EXTM3U is second", "hole", "index.m3u8", swap("#EXTM3U\n#EXT-X-VERSION:3\n", "#EXT-X-VERSION:3\n#EXTM3U\n"), "§4.3.1.1", "header"},
	{"EXTM3U twice", "hole", "720p.m3u8", swap("#EXTM3U\n", "#EXTM3U\n#EXTM3U\n"), "§4.3.1.1", "header"},
	{"VERSION twice", "hole", "720p.m3u8", swap("#EXT-X-VERSION:3\n", "#EXT-X-VERSION:3\n#EXT-X-VERSION:3\n"), "§4.3.3", "tag-repeated"},
	{"no VERSION", "hole", "720p.m3u8", drop(1, "#EXT-X-VERSION"), "§7", "version-low"},
	{"VERSION too low for EXTINF", "hole", "720p.m3u8", swap("VERSION:3", "VERSION:2"), "§7", "version-low"},
	{"VERSION too low for GAP", "hole", "360p.m3u8", swap("VERSION:8", "VERSION:3"), "§7", "version-low"},
	{"VERSION too low for MAP", "group", "360p.m3u8", swap("VERSION:6", "VERSION:5"), "§7", "version-low"},
	{"VERSION too low for BYTERANGE", "sessions", "720p/iframes.m3u8", swap("VERSION:4", "VERSION:3"), "§7", "version-low"},
	{"VERSION higher than needed", "hole", "480p.m3u8", swap("VERSION:3", "VERSION:7"), "§7", "version-high"},
	{"VERSION of the door higher than needed", "restart", "index.m3u8", swap("VERSION:3", "VERSION:7"), "§7", "version-high"},
}

// §4.3.2, §4.3.3: tags of media playlists.
var mediaMutations = []mutation{
	{"no EXTINF", "hole", "720p.m3u8", drop(2, "#EXTINF"), "§4.3.2.1", "extinf-missing"},
	{"EXTINF with a decimal comma", "hole", "720p.m3u8", swap("2.000000,", "2,000000,"), "promise: EXTINF with 5 decimals", "extinf"},
	{"EXTINF without its comma", "hole", "720p.m3u8", swap("2.000000,", "2.000000"), "§4.3.2.1", "extinf"},
	{"EXTINF below zero", "hole", "720p.m3u8", swap("2.000000,", "-2.000000,"), "§4.3.2.1", "extinf"},
	{"EXTINF with an exponent", "hole", "720p.m3u8", swap("2.000000,", "0.200000e1,"), "§4.3.2.1", "extinf"},
	{"EXTINF with three decimals", "hole", "720p.m3u8", swap("2.000000,", "2.000,"), "promise: EXTINF with 5 decimals", "extinf-decimals"},
	{"EXTINF without a segment", "hole", "720p.m3u8", swap("#EXT-X-ENDLIST", two+"#EXT-X-ENDLIST"), "§4.3.2", "uri-missing"},
	{"TARGETDURATION too small by one", "restart", "720p.m3u8", swap("DURATION:2", "DURATION:1"), "§4.3.3.1", "target-duration"},
	{"EXTINF rounds above the target", "restart", "720p.m3u8", nth(8, "2.000000,", "2.500000,"), "§4.3.3.1", "target-duration"},
	{"no TARGETDURATION", "restart", "720p.m3u8", drop(1, "#EXT-X-TARGETDURATION"), "§4.3.3.1", "target-missing"},
	{"TARGETDURATION with decimals", "restart", "720p.m3u8", swap("DURATION:2", "DURATION:2.0"), "§4.3.3.1", "tag-value"},
	{"TARGETDURATION twice", "restart", "720p.m3u8", swap(target, target+target), "§4.3.3", "tag-repeated"},
	{"another TARGETDURATION in one rendition", "hole", "480p.m3u8", swap("DURATION:2", "DURATION:3"), "§6.2.4", "set-target"},
	{"another TARGETDURATION in a member of the group", "group", "english.m3u8", swap("DURATION:3", "DURATION:4"), "§6.2.4", "set-target"},
	{"no ENDLIST", "hole", "720p.m3u8", drop(1, "#EXT-X-ENDLIST"), "promise: VOD", "endlist"},
	{"ENDLIST twice", "hole", "720p.m3u8", swap("#EXT-X-ENDLIST\n", "#EXT-X-ENDLIST\n#EXT-X-ENDLIST\n"), "§4.3.3", "tag-repeated"},
	{"PLAYLIST-TYPE EVENT", "hole", "720p.m3u8", swap("TYPE:VOD", "TYPE:EVENT"), "promise: VOD", "playlist-type"},
	{"no PLAYLIST-TYPE", "hole", "720p.m3u8", drop(1, "#EXT-X-PLAYLIST-TYPE"), "promise: VOD", "playlist-type"},
	{"MEDIA-SEQUENCE behind a segment", "hole", "720p.m3u8", func(text string) string {
		return swap("/0.ts\n", "/0.ts\n#EXT-X-MEDIA-SEQUENCE:0\n")(drop(1, "#EXT-X-MEDIA-SEQUENCE")(text))
	}, "§4.3.3.2", "tag-place"},
	{"MEDIA-SEQUENCE below zero", "hole", "720p.m3u8", swap("SEQUENCE:0", "SEQUENCE:-1"), "§4.3.3.2", "tag-value"},
	{"INDEPENDENT-SEGMENTS twice", "hole", "720p.m3u8", swap("#EXT-X-INDEPENDENT-SEGMENTS\n", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-INDEPENDENT-SEGMENTS\n"), "§4.3.3", "tag-repeated"},
	{"a key", "hole", "720p.m3u8", swap(two, "#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n"+two), "promise: known tags", "unsupported-tag"},
	{"a tag that nobody knows", "hole", "720p.m3u8", swap(two, "#EXT-X-CUE-OUT:30\n"+two), "promise: known tags", "unknown-tag"},
	{"a tag of the door in a media playlist", "hole", "720p.m3u8", swap(two, "#EXT-X-STREAM-INF:BANDWIDTH=1\n"+two), "§4.3.4", "tag-mixed"},
	{"DISCONTINUITY with a value", "restart", "720p.m3u8", swap(discont, "#EXT-X-DISCONTINUITY:1\n"), "§4.3", "tag-value"},
	{"DISCONTINUITY twice", "restart", "720p.m3u8", swap(discont, discont+discont), "§4.3.2", "tag-repeated"},
	{"DISCONTINUITY before the first segment", "restart", "720p.m3u8", swap(dateTag, discont+dateTag), "promise: no discontinuity too many", "discontinuity-first"},
	{"no date at the start", "audio", "radio.m3u8", drop(1, dateTag), "promise: dates", "rows"},
	{"no date after a discontinuity", "restart", "720p.m3u8", drop(2, dateTag), "promise: dates", "date-missing"},
	{"no date after a gap", "hole", "360p.m3u8", drop(2, dateTag), "promise: dates", "date-missing"},
	{"dates run backwards", "restart", "720p.m3u8", swap("T20:00:08.400Z", "T20:00:07.400Z"), "promise: dates", "date-backwards"},
	{"dates run backwards a little", "restart", "720p.m3u8", swap("T20:00:08.400Z", "T20:00:08.380Z"), "promise: dates", "date-backwards"},
	{"a date twice", "restart", "720p.m3u8", swap(dateTag+"2026-03-01T20:00:08.400Z\n", dateTag+"2026-03-01T20:00:08.400Z\n"+dateTag+"2026-03-01T20:00:08.400Z\n"), "§4.3.2", "tag-repeated"},
	{"a date without a zone", "restart", "720p.m3u8", swap("00.400Z", "00.400"), "§4.3.2.6", "date-form"},
	{"a date that does not exist", "restart", "720p.m3u8", swap("2026-03-01T20:00:00", "2026-02-30T20:00:00"), "§4.3.2.6", "date"},
}

// §4.3.2.2, §4.3.2.5, §4.3.3.6: ranges, initialization sections, pictures.
var rangeMutations = []mutation{
	{"no MAP", "inits", "720p.m3u8", drop(1, "#EXT-X-MAP"), "§3.3", "map-missing"},
	{"no MAP after a discontinuity", "inits", "720p.m3u8", drop(2, "#EXT-X-MAP"), "promise: EXT-X-MAP after a discontinuity", "rows"},
	{"another MAP without a discontinuity", "inits", "720p.m3u8", drop(1, discont[:len(discont)-1]), "§4.3.2.3", "probe-discontinuity"},
	{"MAP of a transport stream", "restart", "720p.m3u8", swap(dateTag, "#EXT-X-MAP:URI=\"../../../../show/A/720p/0.ts\"\n"+dateTag), "promise: EXT-X-MAP where it is needed", "rows"},
	{"MAP without URI", "inits", "720p.m3u8", match(1, `MAP:URI="[^"]*"`, `MAP:BYTERANGE="9@0"`), "§4.3", "attribute-missing"},
	{"MAP with an unquoted URI", "inits", "720p.m3u8", match(1, `MAP:URI="([^"]*)"`, `MAP:URI=$1`), "§4.2", "attribute-type"},
	{"MAP with an unquoted range", "single", "720p.m3u8", match(1, `BYTERANGE="([^"]*)"`, `BYTERANGE=$1`), "§4.2", "attribute-type"},
	{"MAP twice", "inits", "720p.m3u8", match(1, `(#EXT-X-MAP:.*\n)`, "$1$1"), "§4.3.2", "tag-repeated"},
	{"MAP is no attribute list", "inits", "720p.m3u8", match(1, `MAP:URI=("[^"]*")`, `MAP:$1`), "§4.2", "attribute-list"},
	{"MAP beyond its object", "single", "720p.m3u8", match(2, `BYTERANGE="[0-9]+@`, `BYTERANGE="99999999@`), "§4.3.2.2", "reference-range"},
	{"MAP names no object", "inits", "720p.m3u8", swap("/A/720p/init.mp4", "/A/720p/none.mp4"), "promise: what is named is there", "reference-gone"},
	{"BYTERANGE beyond its object", "single", "720p.m3u8", match(8, `BYTERANGE:[0-9]+@`, `BYTERANGE:99999999@`), "§4.3.2.2", "reference-range"},
	{"BYTERANGE overlaps the one before", "single", "720p.m3u8", match(1, `(BYTERANGE:[0-9]+@[0-9]+\n)(.*\n.*\n)#EXT-X-BYTERANGE:[0-9]+@[0-9]+\n`, "$1$2#EXT-X-$1"), "promise: no media twice", "overlap"},
	{"the first BYTERANGE has no offset", "single", "720p.m3u8", match(1, `BYTERANGE:([0-9]+)@[0-9]+`, `BYTERANGE:$1`), "§4.3.2.2", "byterange-offset"},
	{"BYTERANGE without an offset, in another object", "selfinit", "source.m3u8", match(2, `BYTERANGE:([0-9]+)@[0-9]+`, `BYTERANGE:$1`), "§4.3.2.2", "byterange-offset"},
	{"BYTERANGE of no bytes", "single", "720p.m3u8", match(2, `BYTERANGE:[0-9]+@`, `BYTERANGE:0@`), "§4.3.2.2", "byterange"},
	{"BYTERANGE twice", "single", "720p.m3u8", match(2, `(#EXT-X-BYTERANGE:.*\n)`, "$1$1"), "§4.3.2", "tag-repeated"},
	{"BYTERANGE from the start of its own MAP", "selfinit", "source.m3u8", match(1, `BYTERANGE:([0-9]+)@[0-9]+`, `BYTERANGE:$1@0`), "§3.3", "rows"},
	{"I-FRAMES-ONLY without a range", "sessions", "720p/iframes.m3u8", drop(2, "#EXT-X-BYTERANGE"), "§4.3.3.6", "iframe-range"},
	{"no I-FRAMES-ONLY", "sessions", "720p/iframes.m3u8", drop(1, "#EXT-X-I-FRAMES-ONLY"), "§4.3.4.3", "set-kind"},
	{"I-FRAMES-ONLY in media", "sessions", "720p.m3u8", swap(target, target+"#EXT-X-I-FRAMES-ONLY\n"), "§4.3.4.3", "set-kind"},
	{"a picture beyond its object", "sessions", "720p/iframes.m3u8", match(2, `BYTERANGE:[0-9]+@`, `BYTERANGE:99999999@`), "§4.3.2.2", "reference-range"},
	{"a picture out of no segment", "single", "720p/iframes.m3u8", match(1, `BYTERANGE:([0-9]+)@[0-9]+`, `BYTERANGE:$1@0`), "§4.3.3.6", "iframe-object"},
	{"pictures last longer than the media", "sessions", "720p/iframes.m3u8", nth(4, "2.000000,", "2.400000,"), "§4.3.3.6", "iframe-duration"},
	{"pictures without the discontinuity", "selfinit", "source/iframes.m3u8", drop(1, discont[:len(discont)-1]), "§6.2.4", "set-discontinuities"},
}

// §6.2.4: renditions beside each other.
var slotMutations = []mutation{
	{"DISCONTINUITY missing in one rendition", "group", "360p.m3u8", drop(1, discont[:len(discont)-1]), "§6.2.4", "set-discontinuities"},
	{"DISCONTINUITY missing in a member of the group", "group", "english.m3u8", drop(1, discont[:len(discont)-1]), "§6.2.4", "set-discontinuities"},
	{"DISCONTINUITY more in one rendition", "hole", "480p.m3u8", nth(2, dateTag, discont+dateTag), "§6.2.4", "set-discontinuities"},
	{"DISCONTINUITY elsewhere in one rendition", "group", "360p.m3u8", func(text string) string {
		from := match(1, `(?s)#EXT-X-DISCONTINUITY\n(#EXT-X-MAP:[^\n]*\n#EXT-X-PROGRAM[^\n]*06\.400Z\n)`, "$1")(text)
		return nth(5, two, discont+two)(from)
	}, "§6.2.4", "set-discontinuities"},
	{"a gap lasts longer in one rendition", "hole", "360p.m3u8", swap(gapOfTwo, "#EXT-X-GAP\n#EXTINF:2.010000,\n"), "promise: a gap lasts as long", "duration-extinf"},
	{"a gap with BYTERANGE", "hole", "360p.m3u8", swap(gapOfTwo, "#EXT-X-GAP\n#EXT-X-BYTERANGE:188@0\n"+two), "promise: a gap is gap.EXT", "gap-range"},
	{"a gap under another name", "hole", "360p.m3u8", swap("\ngap.ts", "\nhole.ts"), "promise: a gap is gap.EXT", "gap-uri"},
	{"a gap where an object is", "hole", "480p.m3u8", nth(3, two, gapOfTwo), "§4.4.4.7 of RFC 8216bis", "gap-exists"},
	{"GAP twice", "hole", "360p.m3u8", swap("#EXT-X-GAP\n", "#EXT-X-GAP\n#EXT-X-GAP\n"), "§4.3.2", "tag-repeated"},
	{"no GAP before gap.ts", "hole", "360p.m3u8", drop(1, "#EXT-X-GAP"), "promise: what is named is there", "reference-gone"},
	{"other dates in one rendition", "hole", "480p.m3u8", swap("T20:00:08.400Z", "T20:00:08.900Z"), "promise: dates match", "set-date"},
	{"a member of the group begins at another time", "group", "english.m3u8", match(1, `T20:00:00`, "T19:00:00"), "§6.2.4", "set-date"},
	{"a slot missing in one rendition", "hole", "480p.m3u8", match(1, `#EXTINF:2\.000000,\n[^\n]*/5\.ts\n`, ""), "promise: slots match", "set-count"},
	{"a slot shorter in one rendition", "hole", "480p.m3u8", swap("2.000000,", "1.600000,"), "§6.2.4", "set-slots"},
	{"a segment twice", "hole", "480p.m3u8", swap("/1.ts", "/0.ts"), "promise: no media twice", "overlap"},
}

// §4.3.4: the door.
var doorMutations = []mutation{
	{"BANDWIDTH missing", "hole", "index.m3u8", match(1, `INF:BANDWIDTH=[0-9]+,`, `INF:`), "§4.3", "attribute-missing"},
	{"BANDWIDTH below what is measured", "hole", "index.m3u8", match(1, `INF:BANDWIDTH=[0-9]+,AVERAGE-BANDWIDTH=[0-9]+`, `INF:BANDWIDTH=9000,AVERAGE-BANDWIDTH=8000`), "§4.3.4.2", "bandwidth-low"},
	{"BANDWIDTH without the group", "group", "index.m3u8", match(1, `INF:BANDWIDTH=([0-9]+)[0-9],AVERAGE-BANDWIDTH=([0-9]+)[0-9]`, `INF:BANDWIDTH=$1,AVERAGE-BANDWIDTH=$2`), "§4.3.4.2", "bandwidth-low"},
	{"BANDWIDTH with decimals", "hole", "index.m3u8", match(1, `INF:BANDWIDTH=([0-9]+)`, `INF:BANDWIDTH=$1.0`), "§4.2", "attribute-type"},
	{"BANDWIDTH above what is measured", "hole", "index.m3u8", match(1, `INF:BANDWIDTH=([0-9]+)[0-9]`, `INF:BANDWIDTH=${1}00`), "§4.3.4.2", "bandwidth-high"},
	{"AVERAGE above BANDWIDTH", "hole", "index.m3u8", match(1, `AVERAGE-BANDWIDTH=([0-9]+)`, `AVERAGE-BANDWIDTH=${1}9`), "§4.3.4.2", "average-bandwidth"},
	{"CODECS missing", "hole", "index.m3u8", match(1, `CODECS="[^"]*",`, ``), "§4.3.4.2", "codecs-missing"},
	{"CODECS unquoted", "audio", "index.m3u8", match(1, `CODECS="([^"]*)"`, `CODECS=$1`), "§4.2", "attribute-type"},
	{"CODECS by no name of RFC 6381", "hole", "index.m3u8", swap("avc1.42c01e", "h264"), "RFC 6381", "codecs-unknown"},
	{"CODECS with a space", "hole", "index.m3u8", swap("e,mp4a", "e, mp4a"), "RFC 6381", "codecs"},
	{"CODECS twice the same", "hole", "index.m3u8", swap(",mp4a.40.2", ",mp4a.40.2,mp4a.40.2"), "RFC 6381", "codecs-unknown"},
	{"CODECS without that of the group", "group", "index.m3u8", swap(",mp4a.40.2", ""), "§4.3.4.2", "codecs-sound"},
	{"CODECS of pictures with sound", "sessions", "index.m3u8", match(1, `CODECS="avc1.42c01e"`, `CODECS="avc1.42c01e,mp4a.40.2"`), "§4.3.4.3", "codecs-pictures"},
	{"RESOLUTION with an asterisk", "hole", "index.m3u8", swap("320x180", "320*180"), "§4.2", "attribute-type"},
	{"RESOLUTION missing", "hole", "index.m3u8", swap(",RESOLUTION=320x180", ""), "§4.3.4.2", "resolution-missing"},
	{"FRAME-RATE quoted", "hole", "index.m3u8", swap("15.000", `"15.000"`), "§4.2", "attribute-type"},
	{"FRAME-RATE of more decimals", "hole", "index.m3u8", swap("15.000", "15.0000"), "§4.3.4.2", "frame-rate"},
	{"an attribute twice", "hole", "index.m3u8", swap(",RESOLUTION=320x180", ",RESOLUTION=320x180,RESOLUTION=320x180"), "§4.2", "attribute-repeated"},
	{"an attribute in small letters", "hole", "index.m3u8", swap("RESOLUTION=", "Resolution="), "§4.2", "attribute-list"},
	{"a space behind a comma", "hole", "index.m3u8", swap(",RESOLUTION", ", RESOLUTION"), "§4.2", "attribute-list"},
	{"a comma at the end", "hole", "index.m3u8", swap("15.000\n", "15.000,\n"), "§4.2", "attribute-list"},
	{"STREAM-INF without its URI", "hole", "index.m3u8", match(1, `(?m)^1-.*480p\.m3u8\n`, ""), "§4.3.4.2", "uri-missing"},
	{"a URI without STREAM-INF", "hole", "index.m3u8", drop(2, "#EXT-X-STREAM-INF"), "§4.3.4.2", "uri-missing"},
	{"a tag of media in the door", "hole", "index.m3u8", swap("#EXT-X-VERSION:3\n", "#EXT-X-VERSION:3\n"+target), "§4.3", "tag-mixed"},
	{"an unknown group", "group", "index.m3u8", swap(`AUDIO="audio"`, `AUDIO="sound"`), "§4.3.4.2", "group"},
	{"a name twice in a group", "group", "index.m3u8", swap(`NAME="english"`, `NAME="deutsch"`), "§4.3.4.1.1", "group-name"},
	{"two defaults in a group", "group", "index.m3u8", swap(`LANGUAGE="en",`, `LANGUAGE="en",DEFAULT=YES,`), "§4.3.4.1.1", "group-default"},
	{"a language twice to choose from", "group", "index.m3u8", swap(`LANGUAGE="en"`, `LANGUAGE="de"`), "§4.3.4.1.1", "group-autoselect"},
	{"a default that is not chosen", "group", "index.m3u8", swap("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO"), "§4.3.4.1", "attribute-value"},
	{"DEFAULT in small letters", "group", "index.m3u8", swap("DEFAULT=YES", "DEFAULT=yes"), "§4.2", "attribute-value"},
	{"MEDIA without GROUP-ID", "group", "index.m3u8", nth(2, `GROUP-ID="audio",`, ""), "§4.3", "attribute-missing"},
	{"MEDIA without NAME", "group", "index.m3u8", swap(`NAME="english",`, ""), "§4.3", "attribute-missing"},
	{"MEDIA without TYPE", "group", "index.m3u8", swap(`TYPE=AUDIO,`, ""), "§4.3", "attribute-missing"},
	{"MEDIA of no TYPE", "group", "index.m3u8", swap(`TYPE=AUDIO`, `TYPE=SOUND`), "§4.2", "attribute-value"},
	{"CHANNELS unquoted", "group", "index.m3u8", swap(`CHANNELS="2"`, `CHANNELS=2`), "§4.2", "attribute-type"},
	{"CHANNELS missing", "group", "index.m3u8", swap(`CHANNELS="2",`, ""), "§4.3.4.1", "channels-missing"},
	{"pictures without URI", "sessions", "index.m3u8", match(1, `,URI="[^"]*"`, ""), "§4.3", "attribute-missing"},
	{"pictures with FRAME-RATE", "sessions", "index.m3u8", match(1, `,URI="`, `,FRAME-RATE=15.000,URI="`), "promise: known attributes", "attribute-unknown"},
	{"pictures not announced", "sessions", "index.m3u8", drop(1, "#EXT-X-I-FRAME-STREAM-INF"), "promise: every playlist is announced", "door-stale"},
	{"no variant", "audio", "index.m3u8", match(1, `(?s)#EXT-X-STREAM-INF.*`, ""), "§4.3.4.2", "empty"},
}

// RFC 3986: where URIs lead.
var uriMutations = []mutation{
	{"a space", "hostile", "7\"2,0=p ü:&%.m3u8", swap("a%20b", "a b"), "RFC 3986", "uri"},
	{"a letter that is not ASCII", "hostile", "7\"2,0=p ü:&%.m3u8", swap("%C3%BC", "ü"), "RFC 3986", "uri"},
	{"an escape that is none", "hostile", "7\"2,0=p ü:&%.m3u8", swap("&%25", "&%"), "RFC 3986", "uri"},
	{"a number sign", "hostile", "7\"2,0=p ü:&%.m3u8", swap("%23c", "#c"), "promise: URIs are paths", "uri-reach"},
	{"an absolute path", "hole", "720p.m3u8", swap("../../../../show", "/show"), "promise: URIs are relative", "uri-reach"},
	{"a host", "hole", "720p.m3u8", swap("../../../../show", "https://example.com/show"), "promise: URIs are relative", "reference-outside"},
	{"out of the store", "hole", "720p.m3u8", swap("../../../../show", "../../../../../show"), "promise: URIs are relative", "reference-outside"},
	{"an object that is not there", "hole", "720p.m3u8", swap("/720p/3.ts", "/720p/33.ts"), "promise: what is named is there", "reference-gone"},
	{"a playlist that is not there", "hole", "index.m3u8", swap("/480p.m3u8", "/481p.m3u8"), "promise: what is named is there", "reference-lost"},
}
