package importer

import (
	"encoding/json"
	"errors"

	"earshot/feedback"
)

// appStore reads customer reviews as the App Store Connect API has them. The CSV files that are made of it have the same
// names; see [sheetExports].
var appStore = objectExport{
	Export: Export{Name: "App Store customer reviews", Source: "app-store", Files: "JSON of the App Store Connect API",
		By: "objects of type customerReviews"},
	is: func(o map[string]json.RawMessage) bool {
		return rawString(o["type"]) == "customerReviews" && holds(o, "attributes") == 1
	},
	columns: []Column{
		{Name: "attributes.body", Field: Text, Why: "the review"},
		{Name: "attributes.title", Field: Title, Why: "its title"},
		{Name: "id", Field: ID, Why: "the review's"},
		{Name: "attributes.createdDate", Field: Time, Why: "with its zone"},
		{Name: "attributes.rating", Field: Rating, Why: "stars"},
		{Name: "attributes.reviewerNickname", Field: AuthorName, Why: "kept as a hash"},
		{Name: "attributes.territory"},
	},
	leaves: []string{"the developer's responses"},
	read: func(raw []byte, out *said) error {
		var review struct {
			Type       string `json:"type"`
			ID         idText `json:"id"`
			Attributes struct {
				Rating    *float64 `json:"rating"`
				Title     string   `json:"title"`
				Body      string   `json:"body"`
				Nickname  string   `json:"reviewerNickname"`
				Created   moment   `json:"createdDate"`
				Territory string   `json:"territory"`
			} `json:"attributes"`
		}
		if err := json.Unmarshal(raw, &review); err != nil {
			return err
		}
		a := &review.Attributes
		switch {
		case review.Type == "customerReviewResponses":
			out.leave("the developer's responses")
			return nil
		case review.ID == "":
			return errors.New("field id: a review has one")
		case a.Rating != nil && (*a.Rating < 0 || *a.Rating > 5):
			return errors.New("field attributes.rating: is not from 0 to 5")
		}
		s := feedback.Submission{ExternalID: string(review.ID), Title: a.Title, Body: a.Body, OccurredAt: a.Created.Time, Rating: a.Rating,
			Author: author("", a.Nickname, "")}
		if s.Body == "" {
			s.Body, s.Title = s.Title, ""
		}
		if s.Body == "" {
			out.leave("ratings without words")
			return nil
		}
		put(&s, "territory", a.Territory)
		out.add(s)
		return nil
	},
}
