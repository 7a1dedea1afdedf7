package readings

import "bytes"

// A status says how the record at the start of some data is.
type status uint8

const (
	whole      status = iota
	unfinished        // its end is not in the data
	tooLong           // it is longer than the splitter allows
	openQuote         // a quoted field is not closed before the end of the file
	afterQuote        // text follows a closing quote
)

// A splitter cuts CSV into records and fields by RFC 4180: fields may be quoted,
// quoted fields may hold delimiters, line ends and doubled quotes. A quote
// inside an unquoted field is text. A line ends with \n or \r\n.
type splitter struct {
	comma  byte
	most   int      // bytes of a record, its line end included
	wanted int      // fields of a record that the caller needs; later ones are skipped
	fields [][]byte // of the last record; valid until the next call
	text   []byte   // scratch for fields with doubled quotes
}

// next splits the record at the start of data, which is not empty, and returns
// its length; for a damaged one, how far it looked. last says that the file ends
// with data, and quotes that there are quotes in it.
func (s *splitter) next(data []byte, last, quotes bool) (int, status) {
	s.fields = s.fields[:0]
	if len(data) <= s.most {
		return s.record(data, last, quotes)
	}
	n, st := s.record(data[:s.most], false, quotes)
	if st == unfinished {
		return s.most, tooLong
	}
	return n, st
}

func (s *splitter) record(data []byte, last, quotes bool) (int, status) {
	line, n := data, len(data)
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		line, n = data[:end], end+1
	} else if !last && !quotes {
		return 0, unfinished
	}
	if quotes && bytes.IndexByte(line, '"') >= 0 {
		return s.quoted(data, last)
	}
	if n == len(line) && !last {
		return 0, unfinished
	}
	s.plain(cutReturn(line))
	return n, whole
}

// plain splits a line without quotes.
func (s *splitter) plain(line []byte) {
	for len(s.fields) < s.wanted {
		end := bytes.IndexByte(line, s.comma)
		if end < 0 {
			s.fields = append(s.fields, line)
			return
		}
		s.fields = append(s.fields, line[:end])
		line = line[end+1:]
	}
}

// quoted splits a record that may have quoted fields.
func (s *splitter) quoted(data []byte, last bool) (int, status) {
	s.text = s.text[:0]
	for i := 0; ; {
		var field []byte
		var n int
		var st status
		if i < len(data) && data[i] == '"' {
			field, n, st = s.quotedField(data[i:], last)
		} else {
			field, n, st = s.plainField(data[i:], last)
		}
		i += n
		if st != whole {
			return i, st
		}
		if len(s.fields) < s.wanted {
			s.fields = append(s.fields, field)
		}
		switch {
		case i == len(data):
			return i, whole
		case data[i] == '\n':
			return i + 1, whole
		}
		i++ // the delimiter
	}
}

// plainField returns the field at the start of data and its length, which ends
// before a delimiter, before \n or with the file.
func (s *splitter) plainField(data []byte, last bool) ([]byte, int, status) {
	for i, c := range data {
		switch c {
		case s.comma:
			return data[:i], i, whole
		case '\n':
			return cutReturn(data[:i]), i, whole
		}
	}
	if !last {
		return nil, 0, unfinished
	}
	return cutReturn(data), len(data), whole
}

// quotedField is plainField for a field that starts with a quote. The length
// includes the quotes and a \r of the line's end.
func (s *splitter) quotedField(data []byte, last bool) ([]byte, int, status) {
	from := len(s.text)
	start, i := 1, 1
	for {
		k := bytes.IndexByte(data[i:], '"')
		switch {
		case k < 0 && last:
			return nil, len(data), openQuote
		case k < 0:
			return nil, 0, unfinished
		}
		i += k
		if i+1 == len(data) || data[i+1] != '"' {
			break
		}
		s.text = append(s.text, data[start:i+1]...)
		i += 2
		start = i
	}
	field := data[start:i]
	if start > 1 {
		s.text = append(s.text, field...)
		field = s.text[from:]
	}
	i++
	if i < len(data) && data[i] == '\r' {
		i++
	}
	switch {
	case i == len(data) && !last:
		return nil, 0, unfinished
	case i == len(data), data[i] == '\n', data[i] == s.comma && data[i-1] == '"':
		return field, i, whole
	}
	return nil, i, afterQuote
}

// cutReturn cuts the \r of a line end \r\n.
func cutReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
