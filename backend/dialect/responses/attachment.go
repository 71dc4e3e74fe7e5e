package responses

import (
	"encoding/base64"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

func (p *part) image() (chat.Block, *defect) {
	const path = "image_url"
	url := p.ImageURL.text
	if url == "" {
		url = string(p.ImageURL.object.URL)
	}
	switch scheme, _, _ := strings.Cut(url, ":"); strings.ToLower(scheme) {
	case "http", "https":
		return chat.Image{URL: url}, nil
	case "data":
		media, data, ok := lenient.DataURI(url)
		if !ok {
			return nil, defective(path, "is not a data URI with base64 in it")
		}
		if media == "application/pdf" || isText(media) {
			return document("", media, data), nil
		}
		return chat.Image{MediaType: media, Data: data}, nil
	case "":
		if p.FileID != "" {
			return nil, defective("file_id", "names an uploaded image, but nothing can be uploaded here; send the image as a data URI in image_url")
		}
		return nil, defective(path, "is missing")
	default:
		return nil, defective(path, "must be a data URI or an http or https address")
	}
}

// file reads a part whose file came with the request, as a data URI or bare base64.
func (p *part) file() (chat.Block, *defect) {
	switch {
	case p.FileData != "":
	case p.FileID != "":
		return nil, defective("file_id", "names an uploaded file, but nothing can be uploaded here; send the file as file_data")
	case p.FileURL != "":
		if scheme, _, _ := strings.Cut(strings.ToLower(p.FileURL), ":"); scheme != "http" && scheme != "https" {
			return nil, defective("file_url", "must be an http or https address; send the file itself as file_data")
		}
		return chat.Document{Title: p.Filename, URL: p.FileURL}, nil
	default:
		return nil, defective("file_data", "is missing")
	}
	media, data, ok := lenient.DataURI(string(p.FileData))
	if !ok {
		media = ""
		data, ok = lenient.Base64(string(p.FileData))
	}
	if !ok {
		return nil, defective("file_data", "is neither a data URI with base64 in it nor base64")
	}
	if strings.HasPrefix(media, "image/") {
		return chat.Image{MediaType: media, Data: data}, nil
	}
	return document(p.Filename, media, data), nil
}

func isText(media string) bool {
	return strings.HasPrefix(media, "text/") || media == "application/json"
}

// document holds a file as text where it can be read as such.
func document(title, media, data string) chat.Block {
	if isText(media) {
		if text, err := base64.StdEncoding.DecodeString(data); err == nil {
			return chat.Document{Title: title, MediaType: media, Text: strings.ToValidUTF8(string(text), "\uFFFD")}
		}
	}
	return chat.Document{Title: title, MediaType: media, Data: data}
}
