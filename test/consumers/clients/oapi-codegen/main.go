// Uses every operation of the service by what oapi-codegen generates. Its argument is the address of the service.
package main

import (
	"bytes"
	"context"
	"log"
	"net/http"
	"os"
	"slices"

	"example/catalog"
)

var ctx = context.Background()

func main() {
	token := ""
	client, err := catalog.NewClientWithResponses(os.Args[1], catalog.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}))
	must(err)

	unknown, err := client.ListProductsWithResponse(ctx, nil)
	must(err)
	check(unknown.ApplicationproblemJSON401.Status == 401)
	signedIn, err := client.SignInWithResponse(ctx, catalog.Credentials{Username: "admin", Password: os.Getenv("ADMIN_PASSWORD")})
	must(err)
	token = signedIn.JSON200.Token

	// All pages, one after the other.
	ids := map[int32]bool{}
	count := 0
	for cursor := of(""); cursor != nil; {
		answer, err := client.ListProductsWithResponse(ctx, &catalog.ListProductsParams{Limit: of(int32(70)), Cursor: cursor})
		must(err)
		for _, product := range answer.JSON200.Products {
			ids[product.Id] = true
		}
		count += len(answer.JSON200.Products)
		cursor = answer.JSON200.NextCursor
		check(cursor != nil || count == int(answer.JSON200.Total) && count == len(ids))
	}

	categories := []string{"beauty", "skin-care"}
	answer, err := client.ListProductsWithResponse(ctx, &catalog.ListProductsParams{
		Q: of("cream"), Category: &categories, Availability: &[]catalog.Availability{catalog.InStock, catalog.LowStock},
		Sort: of("-price"), Facets: &[]string{"brand", "price"},
	})
	must(err)
	page := answer.JSON200
	check(page.Total > 0)
	for _, product := range page.Products {
		check(slices.Contains(categories, product.Category))
	}
	check(slices.IsSortedFunc(page.Products, func(a, b catalog.ProductSummary) int { return int(100*b.Price) - int(100*a.Price) }))
	check((*page.Facets.Brand)[0].Count > 0 && (*page.Facets.Price)[0].MinPrice >= 0)
	list, err := client.ListCategoriesWithResponse(ctx, nil)
	must(err)
	check(slices.ContainsFunc(list.JSON200.Categories, func(category catalog.Category) bool { return category.Slug == "beauty" }))

	mascara, err := client.GetProductWithResponse(ctx, 1, nil)
	must(err)
	check(mascara.JSON200.Sku == "BEA-0001" && mascara.JSON200.Reviews[0].Date.Year() > 2000)
	missing, err := client.GetProductWithResponse(ctx, 2147483647, nil)
	must(err)
	check(missing.ApplicationproblemJSON404.Type == "urn:problem-type:product-catalog:product-not-found")

	// Make, change and remove one.
	created, err := client.CreateProductWithResponse(ctx, nil, catalog.ProductInput{
		Sku: "OAPI-CODEGEN-1", Title: "Stoneware Mug", Category: "kitchen-accessories", Price: 12.5, Thumbnail: of("https://images.example/mug.webp"),
	})
	must(err)
	id, etag := created.JSON201.Id, created.HTTPResponse.Header.Get("ETag")
	change := func(etag string, price float64) *catalog.UpdateProductResponse {
		changed, err := client.UpdateProductWithResponse(ctx, id, &catalog.UpdateProductParams{IfMatch: etag}, catalog.ProductPatch{Price: &price})
		must(err)
		return changed
	}
	check(change(etag, 9.5).JSON200.Price == 9.5)
	check(change(etag, 1).ApplicationproblemJSON412 != nil)
	check((*change("*", -1).ApplicationproblemJSON400.Errors)[0].Pointer == "/price")
	deleted, err := client.DeleteProductWithResponse(ctx, id, &catalog.DeleteProductParams{IfMatch: "*"})
	must(err)
	check(deleted.StatusCode() == 204)
	gone, err := client.GetProductWithResponse(ctx, id, nil)
	must(err)
	check(gone.ApplicationproblemJSON404 != nil)

	id = 1
	check(change("*", 1).JSON200.Price == 1)
	reverted, err := client.RevertProductWithResponse(ctx, 1, &catalog.RevertProductParams{IfMatch: "*"})
	must(err)
	check(reverted.JSON200.Price == mascara.JSON200.Price)
	history, err := client.ListProductHistoryWithResponse(ctx, 1, nil)
	must(err)
	check(history.JSON200.History[0].Kind == catalog.Updated && history.JSON200.History[0].By == catalog.Account)
	changes, err := client.ListChangesWithResponse(ctx, &catalog.ListChangesParams{After: of(int32(0)), Limit: of(int32(5))})
	must(err)
	check(changes.JSON200.Changes[4].Revision == 5)

	// The whole catalog out, and in again.
	rows, err := client.ExportProductsWithResponse(ctx, &catalog.ExportProductsParams{Category: &categories})
	must(err)
	params := catalog.ImportProductsParams{DryRun: of(true)}
	imported, err := client.ImportProductsWithBodyWithResponse(ctx, &params, "application/x-ndjson", bytes.NewReader(rows.Body))
	must(err)
	check(imported.JSON200.Rows > 0 && imported.JSON200.Unchanged == imported.JSON200.Rows)

	edited, err := client.ReplaceCategoryWithResponse(ctx, "beauty", catalog.CategoryInput{Name: of("Care")})
	must(err)
	check(edited.JSON200.Name == "Care")
	unedited, err := client.RevertCategoryWithResponse(ctx, "beauty")
	must(err)
	check(unedited.StatusCode() == 204)

	begun, err := client.StartSyncWithResponse(ctx, catalog.SyncInput{AcceptLoss: of(false)})
	must(err)
	check(begun.JSON202.State == catalog.Sample)
	state, err := client.GetSyncWithResponse(ctx)
	must(err)
	check(state.JSON200.Catalog.State == catalog.Sample)
	info, err := client.GetServiceInfoWithResponse(ctx)
	must(err)
	check(info.JSON200.Catalog.State == catalog.Sample)
	alive, err := client.CheckLivenessWithResponse(ctx)
	must(err)
	check(alive.JSON200 != nil)
	ready, err := client.CheckReadinessWithResponse(ctx)
	must(err)
	check(len(ready.JSON200.Checks) > 0)
	keys, err := client.ListPublicKeysWithResponse(ctx)
	must(err)
	check(keys.JSON200.Keys[0].Alg == "ES256")
	signedOut, err := client.SignOutWithResponse(ctx)
	must(err)
	check(signedOut.StatusCode() == 204)
	after, err := client.ListCategoriesWithResponse(ctx, nil)
	must(err)
	check(after.ApplicationproblemJSON401 != nil)
}

func of[T any](value T) *T { return &value }

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}

func check(claim bool) {
	if !claim {
		log.Panic("not so")
	}
}
