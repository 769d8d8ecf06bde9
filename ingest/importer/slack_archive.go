package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"path"
	"path/filepath"
	"strings"

	"earshot/feedback"
)

// slackArchive is the export of a whole workspace.
var slackArchive = Export{Name: "Slack export", Source: "slack", Files: "a zip or folder of JSON files",
	By: "users.json, channels.json and folders of YYYY-MM-DD.json files"}

// slackFiles are the parts of a Slack export.
type slackFiles struct {
	archive *bounded
	prefix  string // of the export's own folder, where it lies in one
	people  *slackPeople
	ids     map[string]string // of channels, by the name of their folder
}

// slackRoot finds the folder that has the lists of users and channels, or nil.
func slackRoot(b *bounded) *slackFiles {
	for _, name := range b.names {
		dir, base := path.Split(name)
		if base == "users.json" && strings.Count(dir, "/") <= 1 && (b.has(dir+"channels.json") || b.has(dir+"groups.json") || b.has(dir+"dms.json")) {
			return &slackFiles{archive: b, prefix: dir, people: newSlackPeople(), ids: map[string]string{}}
		}
	}
	return nil
}

// open settles how the export is read.
func (s *slackFiles) open(name string, o Options) (*File, error) {
	f := &File{options: o, left: map[string]int{}, mapping: Mapping{File: filepath.Base(name), Format: JSONArray, Encoding: "utf-8",
		Export: slackArchive.Name, Columns: slackColumns, LeftOut: slackLeaves}}
	if o.DefaultSource == "" {
		f.options.DefaultSource = slackArchive.Source
	} else if err := feedback.CheckSource(o.DefaultSource); err != nil {
		return nil, err
	}
	if err := s.readPeople(); err != nil {
		return nil, err
	}
	f.read = func(yield func(Row, error) bool) error { return s.each(f, yield) }
	err := s.each(f, func(row Row, err error) bool {
		if err == nil {
			f.sample = append(f.sample, row)
		}
		return len(f.sample) < shown
	})
	clear(f.left)
	return f, err
}

// readPeople reads who and which channels there are.
func (s *slackFiles) readPeople() error {
	for _, name := range []string{"users.json", "channels.json", "groups.json", "dms.json", "mpims.json"} {
		if !s.archive.has(s.prefix + name) {
			continue
		}
		add := s.addChannel
		if name == "users.json" {
			add = s.people.add
		}
		err := s.elements(s.prefix+name, func(line int, raw []byte, err error) bool {
			if err == nil && checkObject(raw) == nil {
				_ = add(raw) // one that can't be read names nobody: its messages are read all the same
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	s.people.sorted()
	return nil
}

func (s *slackFiles) addChannel(raw []byte) error {
	var c struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	if c.Name != "" && c.ID != "" {
		s.ids[c.Name] = c.ID
	}
	return nil
}

// elements yields the elements of the array in a file.
func (s *slackFiles) elements(name string, yield func(line int, raw []byte, err error) bool) error {
	f, err := s.archive.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	text := bufio.NewReaderSize(f, 64<<10)
	if mark, err := text.Peek(3); err == nil && bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		_, _ = text.Discard(3)
	}
	err = eachElement(text, yield)
	if err == io.EOF {
		return nil // an empty file
	}
	return err
}

// each yields the messages of all channels, by the channels' names and the days.
func (s *slackFiles) each(f *File, yield func(Row, error) bool) error {
	more := true
	for _, name := range s.archive.names {
		rest, ok := strings.CutPrefix(name, s.prefix)
		folder, day, inFolder := strings.Cut(rest, "/")
		if !ok || !inFolder || path.Ext(day) != ".json" || strings.Contains(day, "/") {
			continue
		}
		place := &slackPlace{channel: s.ids[folder], name: folder, people: s.people}
		if place.channel == "" {
			place.channel = folder
		}
		file := f.mapping.File + ", " + rest
		err := s.elements(name, func(line int, raw []byte, err error) bool {
			var found said
			if err == nil {
				err = checkObject(raw)
			}
			if err == nil {
				err = readSlack(raw, place, &found)
			}
			if err != nil {
				more = yield(Row{Line: line, Source: f.options.DefaultSource}, invalid(file, line, "", "%s", plainly(err)))
			} else {
				more = f.yieldSaid(file, line, &found, yield)
			}
			return more
		})
		switch code := feedback.ErrorCode(err); {
		case (code == feedback.Invalid || code == feedback.TooLarge) && s.archive.total >= 0:
			more = yield(Row{Line: 1, Source: f.options.DefaultSource}, in(f.mapping.File, err)) // one bad file, and the rest goes on
		case err != nil:
			return err
		}
		if !more {
			return nil
		}
	}
	return nil
}
