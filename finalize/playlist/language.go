package playlist

import "strings"

// shorter are the languages that ISO 639-2 has three letters for and ISO 639-1 two:
// three, two and a blank each. RFC 5646 §2.2.1 wants the shorter code. Where
// ISO 639-2 has a second, bibliographic code (fre, ger), that is here too.
const shorter = "" +
	"aaraa abkab afraf akaak albsq amham araar argan armhy asmas avaav aveae aymay azeaz bakba bambm " +
	"baqeu belbe benbn bihbh bisbi bodbo bosbs brebr bulbg burmy catca cescs chach chece chizh chucu " +
	"chvcv corkw cosco crecr cymcy czecs danda deude divdv dutnl dzodz ellel engen epoeo estet euseu " +
	"eweee faofo fasfa fijfj finfi frafr frefr fryfy fulff geoka gerde glagd glega glggl glvgv greel " +
	"grngn gujgu hatht hauha hebhe herhz hinhi hmoho hrvhr hunhu hyehy iboig iceis idoio iiiii ikuiu " +
	"ileie inaia indid ipkik islis itait javjv jpnja kalkl kankn kasks katka kaukr kazkk khmkm kikki " +
	"kinrw kirky komkv konkg korko kuakj kurku laolo latla lavlv limli linln litlt ltzlb lublu luglg " +
	"macmk mahmh malml maomi marmr mayms mkdmk mlgmg mltmt monmn mrimi msams myamy nauna navnv nblnr " +
	"ndend ndong nepne nldnl nnonn nobnb norno nyany ocioc ojioj orior ormom ossos panpa perfa plipi " +
	"polpl porpt pusps quequ rohrm ronro rumro runrn rusru sagsg sansa sinsi slksk slosk slvsl smese " +
	"smosm snasn sndsd somso sotst spaes sqisq srdsc srpsr sswss sunsu swasw swesv tahty tamta tattt " +
	"telte tgktg tgltl thath tibbo tirti tonto tsntn tsots tuktk turtr twitw uigug ukruk urdur uzbuz " +
	"venve vievi volvo welcy wlnwa wolwo xhoxh yidyi yoryo zhaza zhozh zulzu "

// language gives a language tag (RFC 5646) for what a container says of its sound:
// ISO 639-2 in MPEG-TS and in mdhd, RFC 5646 in elng. Empty: it names no language, or
// is no tag. What is not known here is kept as it is: ISO 639-3 has more codes.
func language(s string) string {
	first, rest, more := strings.Cut(s, "-")
	first = strings.ToLower(first)
	switch first {
	case "und", "mis", "mul", "zxx": // undetermined, uncoded, several, none
		return ""
	}
	if len(first) < 2 || len(first) > 3 || strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	if len(first) == 3 {
		for i := 0; i < len(shorter); i += len("aaraa ") {
			if shorter[i:i+3] == first {
				first = shorter[i+3 : i+5]
				break
			}
		}
	}
	if !more {
		return first
	}
	for subtag := range strings.SplitSeq(rest, "-") {
		if subtag == "" || len(subtag) > 8 || strings.Trim(subtag, letters) != "" {
			return ""
		}
	}
	return first + "-" + rest
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
