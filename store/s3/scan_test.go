package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"pgregory.net/rapid"
)

// Pages as stores write them; quick: the scanner reads it alone.
var scanCases = []struct {
	name  string
	quick bool
	body  string
}{
	{"AWS", true, `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>foo/</Prefix><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Contents><Key>foo/a+b%2B%C3%BC.ts</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>4343</Size><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>foo/b</Key><LastModified>2026-01-02T03:04:06.000Z</LastModified><ETag>&quot;0cc175b9c0f1b6a831c399e269772661-2&quot;</ETag><Size>0</Size><StorageClass>GLACIER</StorageClass></Contents></ListBucketResult>`},
	{"AWS with a delimiter", true, `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>3</KeyCount><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><IsTruncated>false</IsTruncated><Contents><Key>x</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"70ee"</ETag><Size>1</Size></Contents><CommonPrefixes><Prefix>foo/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>foo-2/</Prefix></CommonPrefixes></ListBucketResult>`},
	{"AWS empty", true, `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>`},
	{"MinIO", true, `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a&#39;b</Key><LastModified>2026-01-02T03:04:05.123Z</LastModified><ETag>&#34;9dd4e461268c8034f5c8564e155c67a6&#34;</ETag><Size>12</Size><Owner><ID></ID><DisplayName></DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents><EncodingType>url</EncodingType></ListBucketResult>`},
	{"Ceph", true, `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><KeyCount>1</KeyCount><Contents><Key>a</Key><LastModified>2026-01-02T03:04:05.123456789Z</LastModified><ETag>&quot;9dd4&quot;</ETag><Size>12</Size><StorageClass>STANDARD</StorageClass><Owner><ID>u</ID><DisplayName>U &amp; I</DisplayName></Owner><Type>Normal</Type></Contents></ListBucketResult>`},
	{"GCS", true, `<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Name>b</Name><Prefix></Prefix><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Generation>1700000000000000</Generation><MetaGeneration>1</MetaGeneration><LastModified>2026-01-02T03:04:05.123Z</LastModified><ETag>"9dd4"</ETag><Size>12</Size></Contents></ListBucketResult>`},
	{"R2", true, `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Contents><Key>a%2Fb</Key><Size>12</Size><LastModified>2026-01-02T03:04:05.123Z</LastModified><ETag>&quot;9dd4&quot;</ETag><StorageClass>STANDARD</StorageClass></Contents><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><MaxKeys>1000</MaxKeys><KeyCount>1</KeyCount></ListBucketResult>`},
	{"versitygw", true, `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><Contents><ETag></ETag><Key>a</Key><LastModified>2026-01-02T03:04:05.12Z</LastModified><Size>12</Size><StorageClass>STANDARD</StorageClass></Contents><ContinuationToken></ContinuationToken><Delimiter>/</Delimiter><EncodingType></EncodingType><IsTruncated>false</IsTruncated><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><Name>b</Name><NextContinuationToken></NextContinuationToken><Prefix></Prefix><StartAfter></StartAfter></ListBucketResult>`},
	{"indented", true, "<ListBucketResult>\r\n  <KeyCount>1</KeyCount>\n\t<IsTruncated>true</IsTruncated>\n <Contents>\n<Key> ü]] &lt;&#x9;&#65;</Key>\n<Size>1</Size> </Contents>\n</ListBucketResult>\n"},
	{"unknown inside of unknown", true, "<ListBucketResult><IsTruncated>false</IsTruncated><X><Contents><Key>no</Key></Contents>t<Y/></X><Contents><Key>a</Key><Size>1</Size><Z><Key>no</Key></Z></Contents></ListBucketResult>"},

	{"byte order mark", false, "\ufeff<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"},
	{"CDATA", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key><![CDATA[a&b]]></Key><Size>1</Size></Contents></ListBucketResult>"},
	{"comments", false, "<!-- a --><ListBucketResult><!-- <Contents> --><IsTruncated>false</IsTruncated></ListBucketResult>"},
	{"prefixes", false, `<s3:ListBucketResult xmlns:s3="x"><s3:IsTruncated>false</s3:IsTruncated><s3:Contents><s3:Key>a</s3:Key><s3:Size>1</s3:Size></s3:Contents></s3:ListBucketResult>`},
	{"lower case", false, "<ListBucketResult><istruncated>false</istruncated><contents><key>a</key><size>1</size></contents></ListBucketResult>"},
	{"control characters", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a&#x1;</Key><Size>1</Size></Contents></ListBucketResult>"},
	{"other encoding", false, `<?xml version="1.0" encoding="ISO-8859-1"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`},
	{"carriage return", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a\rb</Key><Size>1</Size></Contents></ListBucketResult>"},
	{"truth by a number", false, "<ListBucketResult><IsTruncated>0</IsTruncated></ListBucketResult>"},
	{"date with an offset", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size><LastModified>2026-01-02T03:04:05+01:00</LastModified></Contents></ListBucketResult>"},
	{"date that is none", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size><LastModified>2026-02-30T03:04:05Z</LastModified></Contents></ListBucketResult>"},
	{"two keys in one", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size><Key>b</Key></Contents></ListBucketResult>"},
	{"two folders in one", false, "<ListBucketResult><IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>a/</Prefix><Prefix>b/</Prefix></CommonPrefixes></ListBucketResult>"},
	{"restored", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus></Contents></ListBucketResult>"},
	{"negative size", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"},
	{"wrong end", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Size><Size>1</Size></Contents></ListBucketResult>"},
	{"end of the text in a text", false, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a]]></Key><Size>1</Size></Contents></ListBucketResult>"},
	{"an error", false, "<Error><Code>InternalError</Code><Message>m</Message></Error>"},
	{"behind the end", false, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult><x>"},
}

// canned answers every request with one body.
type canned string

func (c canned) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"X-Amz-Request-Id": {"REQ"}}, Body: io.NopCloser(strings.NewReader(string(c))),
	}, nil
}

// bySDK is what the SDK alone reads.
func bySDK(body string) (*page, error) {
	c := awss3.New(awss3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://localhost"), UsePathStyle: true, HTTPClient: canned(body),
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Retryer: aws.NopRetryer{},
	})
	out, err := c.ListObjectsV2(context.Background(), &awss3.ListObjectsV2Input{Bucket: aws.String("b")})
	if err != nil {
		return nil, err
	}
	var b builder
	b.reset()
	if err := b.convert(out); err != nil {
		return nil, err
	}
	return b.finish()
}

// byScan is what the scanner alone reads.
func byScan(body string) (p *page, quick bool, err error) {
	var b builder
	b.reset()
	if !scan([]byte(body), &b) {
		return nil, false, nil
	}
	p, err = b.finish()
	return p, true, err
}

// told writes a page down.
func told(p *page) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %v %d %q %v\n", p.truncated, p.whole, p.count, p.next, p.encoded)
	for _, e := range p.objects {
		fmt.Fprintf(&b, "%q %q %d %v\n", p.name(e), p.etag(e), e.size, e.modified())
	}
	for _, e := range p.folders {
		fmt.Fprintf(&b, "%q/\n", p.name(e))
	}
	return b.String()
}

// agree holds the scanner against the SDK: what it takes means the same to that.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, body string) (quick bool) {
	t.Helper()
	got, quick, err := byScan(body)
	if !quick {
		return false
	}
	want, wantErr := bySDK(body)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q:\nby the scanner: %v\nby the SDK: %v", body, err, wantErr)
	}
	if err == nil && told(got) != told(want) {
		t.Fatalf("%q:\nby the scanner: %s\nby the SDK: %s", body, told(got), told(want))
	}
	return true
}

// TestScan: the pages of all stores are read without the SDK, those that are odd are
// left to it, and none that is cut anywhere passes for a whole one.
func TestScan(t *testing.T) {
	for _, c := range scanCases {
		if quick := agree(t, c.body); quick != c.quick {
			t.Errorf("%s: read by the scanner alone: %v", c.name, quick)
		}
		for i := range strings.LastIndex(c.body, "</") + 3 {
			if _, quick, _ := byScan(c.body[:i]); quick {
				t.Errorf("%s: the first %d of %d bytes pass for a page", c.name, i, len(c.body))
			}
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, c := range scanCases {
		f.Add(c.body)
	}
	f.Fuzz(func(t *testing.T, body string) { agree(t, body) })
}

// TestScanDrawn: pages of any names, written in any of the ways of XML.
func TestScanDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			var b strings.Builder
			for _, r := range rapid.String().Draw(t, "text") {
				switch form := rapid.IntRange(0, 3).Draw(t, "form"); {
				case r == '<' || r == '&' || form == 0:
					fmt.Fprintf(&b, "&#%d;", r)
				case form == 1:
					fmt.Fprintf(&b, "&#x%X;", r)
				default:
					b.WriteRune(r)
				}
			}
			return b.String()
		})
		var b bytes.Buffer
		b.WriteString("<ListBucketResult><IsTruncated>true</IsTruncated>")
		if rapid.Bool().Draw(t, "encoded") {
			b.WriteString("<EncodingType>url</EncodingType>")
		}
		for range rapid.IntRange(0, 5).Draw(t, "objects") {
			fields := []string{
				"<Key>" + text.Draw(t, "key") + "</Key>", "<ETag>" + text.Draw(t, "etag") + "</ETag>",
				fmt.Sprintf("<Size>%d</Size>", rapid.Int64Range(-2, 1<<60).Draw(t, "size")),
				fmt.Sprintf("<LastModified>2026-%02d-%02dT%02d:%02d:%02d.%dZ</LastModified>", rapid.IntRange(0, 13).Draw(t, "month"),
					rapid.IntRange(0, 32).Draw(t, "day"), rapid.IntRange(0, 24).Draw(t, "hour"), rapid.IntRange(0, 60).Draw(t, "minute"),
					rapid.IntRange(0, 60).Draw(t, "second"), rapid.Uint64().Draw(t, "fraction")),
				"<Owner><ID>" + text.Draw(t, "owner") + "</ID></Owner>",
			}
			b.WriteString("<Contents>" + strings.Join(rapid.Permutation(fields).Draw(t, "fields"), "") + "</Contents>")
			if rapid.Bool().Draw(t, "folder") {
				b.WriteString("<CommonPrefixes><Prefix>" + text.Draw(t, "prefix") + "</Prefix></CommonPrefixes>")
			}
		}
		b.WriteString("</ListBucketResult>")
		agree(t, b.String())
	})
}

// TestScanAllocs: a page costs a few allocations, whatever it holds.
func TestScanAllocs(t *testing.T) {
	var b builder
	body := bigPage(1000)
	b.reset()
	if !scan(body, &b) {
		t.Fatal("the page is not plain")
	}
	per := testing.AllocsPerRun(10, func() {
		b.reset()
		if !scan(body, &b) {
			t.Fatal("the page is not plain")
		}
		if p, err := b.finish(); err != nil || len(p.objects) != 1000 {
			t.Fatal(p, err)
		}
	})
	if per > 10 {
		t.Errorf("%v allocations for a page of 1,000 objects", per)
	}
}

// bigPage is a page as AWS writes it.
func bigPage(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix>`)
	fmt.Fprintf(&b, "<KeyCount>%d</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>", n)
	for i := range n {
		fmt.Fprintf(&b, "<Contents><Key>foo/nonce/1080p/%09d.ts</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>"+
			"<ETag>&quot;%032x&quot;</ETag><Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>", i, i, i)
	}
	b.WriteString("</ListBucketResult>")
	return b.Bytes()
}

func BenchmarkScan(b *testing.B) {
	body := bigPage(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var to builder
	for b.Loop() {
		to.reset()
		if !scan(body, &to) {
			b.Fatal("the page is not plain")
		}
		if _, err := to.finish(); err != nil {
			b.Fatal(err)
		}
	}
}
