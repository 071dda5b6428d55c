package playlist

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// languageTag is the form of a language tag (RFC 5646 §2.1), coarsely: a language of
// letters, and subtags of letters and digits.
var languageTag = regexp.MustCompile(`^(?:[A-Za-z]{2,8}|[xXiI])(?:-[A-Za-z0-9]{1,8})*$`)

// channelCount is the form of CHANNELS: a count, and further parameters.
var channelCount = regexp.MustCompile(`^[1-9][0-9]{0,2}(?:/[A-Z0-9,-]*)*$`)

// rendition reads EXT-X-MEDIA (RFC 8216 §4.3.4.1).
func (r *multiReader) rendition(list attributeValues) RenditionText {
	const tag = "EXT-X-MEDIA"
	q := RenditionText{
		Type: r.oneOf(tag, list, "TYPE", "AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"),
		URI:  list.get("URI"), Line: r.line, Group: list.get("GROUP-ID"), Name: list.get("NAME"),
		Language: list.get("LANGUAGE"), Channels: list.get("CHANNELS"),
		Default: r.oneOf(tag, list, "DEFAULT", "YES", "NO") == "YES",
	}
	q.rest = strings.Join([]string{list.get("ASSOC-LANGUAGE"), list.get("FORCED"), list.get("CHARACTERISTICS")}, "\n")
	selected := r.oneOf(tag, list, "AUTOSELECT", "YES", "NO")
	q.Autoselect = selected == "YES"
	if q.Default && selected == "NO" {
		r.add(RuleAttributeValue, r.line, "%s: DEFAULT=YES with AUTOSELECT=NO", tag)
	}
	for _, name := range []string{"LANGUAGE", "ASSOC-LANGUAGE"} {
		if v, ok := list.find(name); ok && !languageTag.MatchString(v.value) {
			r.add(RuleAttributeValue, r.line, "%s: %s=%s is no language tag", tag, name, v.cite())
		}
	}
	for _, name := range []string{"GROUP-ID", "NAME"} {
		if v, ok := list.find(name); ok && v.value == "" {
			r.add(RuleAttributeValue, r.line, "%s: %s is empty", tag, name)
		}
	}
	if uri, ok := list.find("URI"); ok && q.Type != "CLOSED-CAPTIONS" {
		r.reference(tag, uri.value)
	}
	r.byType(q, list)
	return q
}

// byType checks the attributes of EXT-X-MEDIA that depend on its TYPE.
func (r *multiReader) byType(q RenditionText, list attributeValues) {
	const tag = "EXT-X-MEDIA"
	located, inside := !list.lacks("URI"), !list.lacks("INSTREAM-ID")
	channels, counted := list.find("CHANNELS")
	silent := list.lacks("CHANNELS")
	forced := r.oneOf(tag, list, "FORCED", "YES", "NO")
	captions := q.Type == "CLOSED-CAPTIONS"
	switch {
	case q.Type == "":
		return
	case captions && located:
		r.add(RuleAttributeValue, r.line, "%s: CLOSED-CAPTIONS with a URI", tag)
	case captions && !inside:
		r.add(RuleAttributeMissing, r.line, "%s: CLOSED-CAPTIONS without INSTREAM-ID", tag)
	case !captions && inside:
		r.add(RuleAttributeValue, r.line, "%s: %s with INSTREAM-ID", tag, q.Type)
	case q.Type == "SUBTITLES" && !located:
		r.add(RuleAttributeMissing, r.line, "%s: SUBTITLES without a URI", tag)
	case q.Type != "SUBTITLES" && forced != "":
		r.add(RuleAttributeValue, r.line, "%s: %s with FORCED", tag, q.Type)
	case counted && !channelCount.MatchString(channels.value):
		r.add(RuleAttributeValue, r.line, "%s: CHANNELS=%s is no count of channels", tag, channels.cite())
	case silent && q.Type == "AUDIO":
		r.add(RuleChannelsMissing, r.line, "%s: the audio rendition %.60q says no CHANNELS", tag, q.Name)
	}
	if service := list.get("INSTREAM-ID"); captions && strings.HasPrefix(service, "SERVICE") {
		r.need(7, "INSTREAM-ID with SERVICE")
	}
}

// groupID names a group of renditions.
type groupID struct{ kind, name string }

// judgeGroups: RFC 8216 §4.3.4.1.1, §4.3.4.2.1.
func (r *multiReader) judgeGroups() {
	var order []groupID // of first appearance
	members := map[groupID][]*RenditionText{}
	for i := range r.out.Media {
		q := &r.out.Media[i]
		id := groupID{q.Type, q.Group}
		if q.Type == "" || q.Group == "" {
			continue // noted
		}
		if members[id] == nil {
			order = append(order, id)
		}
		members[id] = append(members[id], q)
	}
	named := r.judgeNamed(members)
	type list struct {
		group   string
		members []string
	}
	first := map[string]list{} // by type
	for _, id := range order {
		r.judgeMembers(members[id])
		if !named[id] {
			r.add(RuleGroupUnused, members[id][0].Line, "no variant stream names the group %.60q", id.name)
		}
		own := memberList(members[id])
		if one, ok := first[id.kind]; !ok {
			first[id.kind] = list{id.name, own}
		} else if !slices.Equal(one.members, own) {
			r.add(RuleGroupMembers, members[id][0].Line, "the group %.60q has other members than %.60q", id.name, one.group)
		}
	}
}

// judgeNamed notes the groups that a variant stream names and that do not exist, and
// gives those that are named.
func (r *multiReader) judgeNamed(members map[groupID][]*RenditionText) map[groupID]bool {
	named := map[groupID]bool{}
	for _, list := range [][]VariantText{r.out.Variants, r.out.IFrames} {
		for i := range list {
			v := &list[i]
			for _, id := range []groupID{{"AUDIO", v.Audio}, {"VIDEO", v.Video}, {"SUBTITLES", v.Subtitles}, {"CLOSED-CAPTIONS", v.ClosedCaptions}} {
				if id.name == "" {
					continue
				}
				named[id] = true
				if members[id] == nil {
					r.add(RuleGroup, v.Line, "there is no group %.60q of the type %s", id.name, id.kind)
				}
			}
		}
	}
	return named
}

// judgeMembers checks the members of one group against each other.
func (r *multiReader) judgeMembers(group []*RenditionText) {
	names, purposes := map[string]bool{}, map[string]bool{}
	defaults := 0
	for _, q := range group {
		if names[q.Name] && q.Name != "" {
			r.add(RuleGroupName, q.Line, "the name %.60q once more in the group %.60q", q.Name, q.Group)
		}
		names[q.Name] = true
		if q.Default {
			if defaults++; defaults > 1 {
				r.add(RuleGroupDefault, q.Line, "one more DEFAULT=YES in the group %.60q", q.Group)
			}
		}
		if !q.Autoselect {
			continue
		}
		purpose := q.Language + "\n" + q.rest
		if purposes[purpose] {
			r.add(RuleGroupSelect, q.Line, "one more AUTOSELECT=YES of the language %.20q in the group %.60q", q.Language, q.Group)
		}
		purposes[purpose] = true
	}
}

// memberList gives what must be the same in all groups of a type.
func memberList(group []*RenditionText) []string {
	list := make([]string, len(group))
	for i, q := range group {
		list[i] = strings.Join([]string{q.Name, q.Language, q.rest, yesNo(q.Default), yesNo(q.Autoselect)}, "\n")
	}
	slices.SortFunc(list, cmp.Compare[string])
	return list
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}
