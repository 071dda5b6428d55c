package layout

// pattern is one compiled pattern.
type pattern struct{}

func compile(string) (*pattern, error)                    { return &pattern{}, nil }
func (p *pattern) match(string) (Fields, bool)            { return Fields{}, false }
func (p *pattern) format(Fields) (string, error)          { return "", nil }
func (p *pattern) prefix(recording string) string         { return recording + "/" }
func (p *pattern) recordingsAt() (prefix string, ok bool) { return "", true }
