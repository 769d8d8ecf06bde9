package importer

import (
	"net/url"
	"strings"

	"earshot/feedback"
)

// playStore reads the monthly report of reviews that the Play Console keeps, in UTF-16.
var playStore = sheetExport{
	Export: Export{Name: "Google Play reviews", Source: "play-store", Files: "CSV, UTF-16 as the Play Console writes it",
		By: "the columns Package Name, Star Rating and Review Submit Millis Since Epoch"},
	is: func(has func(...string) int) bool {
		return has("package name", "star rating") == 2 && has("review submit millis since epoch", "review submit date and time") > 0
	},
	fields: []fieldNames{
		{Text, []string{"review text"}}, {Title, []string{"review title"}}, {Rating, []string{"star rating"}}, {URL, []string{"review link"}},
		{Time, []string{"review submit millis since epoch", "review submit date and time"}}, {Language, []string{"reviewer language"}},
	},
	ignored: []string{"review submit date and time", "review last update date and time", "review last update millis since epoch",
		"developer reply date and time", "developer reply millis since epoch", "developer reply text"},
	wordless: "ratings without words",
	leaves:   []string{"ratings without words"},
	refine: func(cell func(string) string, s *feedback.Submission) []string {
		if link, err := url.Parse(s.URL); err == nil {
			for name, values := range link.Query() {
				if strings.EqualFold(name, "reviewid") && len(values) > 0 {
					s.ExternalID = values[0]
				}
			}
		}
		// A review that is edited keeps its time, its device and its app.
		return []string{cell("package name"), cell("review submit millis since epoch"), cell("review submit date and time"), cell("reviewer language"), cell("device")}
	},
}

// appStoreSheet reads the CSV files that are made of the App Store Connect API: their columns have the API's names.
var appStoreSheet = sheetExport{
	Export: Export{Name: "App Store customer reviews", Source: "app-store", Files: "CSV with the names of the App Store Connect API",
		By: "the columns reviewerNickname, rating, and territory or createdDate"},
	is: func(has func(...string) int) bool {
		return has("reviewer nickname") == 1 && has("rating") == 1 && has("territory", "storefront", "created date") > 0 && has("body", "review") > 0
	},
	fields: []fieldNames{
		{Text, []string{"body", "review"}}, {Title, []string{"title"}}, {Rating, []string{"rating"}}, {ID, []string{"id", "review id"}},
		{Time, []string{"created date", "date"}}, {AuthorName, []string{"reviewer nickname"}}, {URL, []string{"url", "link"}}, {Language, []string{"language"}},
	},
	ignored:  []string{"response", "response body", "response state", "response date", "last modified date", "developer response", "developer response date"},
	wordless: "ratings without words",
	leaves:   []string{"ratings without words"},
	refine: func(cell func(string) string, s *feedback.Submission) []string {
		if s.ExternalID != "" {
			return nil
		}
		return []string{cell("reviewer nickname"), cell("territory"), cell("storefront"), cell("created date"), cell("date")}
	},
}
