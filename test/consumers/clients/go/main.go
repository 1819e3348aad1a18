// Uses every operation of the service by the generated client. Its argument is the address of the service.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"slices"

	"example/catalog"
)

var ctx = context.Background()

func main() {
	config := catalog.NewConfiguration()
	config.Servers = catalog.ServerConfigurations{{URL: os.Args[1]}}
	client := catalog.NewAPIClient(config)

	_, _, err := client.CatalogAPI.ListProducts(ctx).Execute()
	refused(err, 401)
	token, _, err := client.AuthAPI.SignIn(ctx).Credentials(*catalog.NewCredentials("admin", os.Getenv("ADMIN_PASSWORD"))).Execute()
	must(err)
	ctx = context.WithValue(ctx, catalog.ContextAccessToken, token.Token)

	// All pages, one after the other.
	ids := map[int32]bool{}
	count, cursor := 0, ""
	for {
		page, _, err := client.CatalogAPI.ListProducts(ctx).Limit(70).Cursor(cursor).Execute()
		must(err)
		for _, product := range page.Products {
			ids[product.Id] = true
		}
		count += len(page.Products)
		if page.NextCursor == nil {
			check(count == int(page.Total) && len(ids) == count)
			break
		}
		cursor = *page.NextCursor
	}

	categories := []string{"beauty", "skin-care"}
	page, _, err := client.CatalogAPI.ListProducts(ctx).Q("cream").Category(categories).
		Availability([]catalog.Availability{catalog.IN_STOCK, catalog.LOW_STOCK}).Sort("-price").
		Facets([]string{"brand", "price"}).Execute()
	must(err)
	check(page.Total > 0)
	for _, product := range page.Products {
		check(slices.Contains(categories, product.Category))
	}
	check(slices.IsSortedFunc(page.Products, func(a, b catalog.ProductSummary) int { return int(100*b.Price) - int(100*a.Price) }))
	check(page.Facets.Brand[0].Count > 0 && page.Facets.Price[0].MinPrice >= 0)
	list, _, err := client.CatalogAPI.ListCategories(ctx).Execute()
	must(err)
	check(slices.ContainsFunc(list.Categories, func(category catalog.Category) bool { return category.Slug == "beauty" }))

	mascara, _, err := client.CatalogAPI.GetProduct(ctx, 1).Execute()
	must(err)
	check(mascara.Sku == "BEA-0001" && mascara.Reviews[0].Date.Year() > 2000)

	_, _, err = client.CatalogAPI.GetProduct(ctx, 2147483647).Execute()
	check(refused(err, 404).Type == "urn:problem-type:product-catalog:product-not-found")

	// Make, change and remove one.
	input := catalog.NewProductInput("GO-1", "Stoneware Mug", "kitchen-accessories", 12.5)
	input.SetThumbnail("https://images.example/mug.webp")
	created, response, err := client.ManagingAPI.CreateProduct(ctx).ProductInput(*input).Execute()
	must(err)
	change := func(etag string, price float64) (*catalog.Product, *http.Response, error) {
		patch := catalog.ProductPatch{Price: &price}
		return client.ManagingAPI.UpdateProduct(ctx, created.Id).IfMatch(etag).ProductPatch(patch).Execute()
	}
	changed, _, err := change(response.Header.Get("ETag"), 9.5)
	must(err)
	check(changed.Price == 9.5)
	_, _, err = change(response.Header.Get("ETag"), 1)
	refused(err, 412)
	_, _, err = change("*", -1)
	check(refused(err, 400).Errors[0].Pointer == "/price")
	_, err = client.ManagingAPI.DeleteProduct(ctx, created.Id).IfMatch("*").Execute()
	must(err)
	_, _, err = client.CatalogAPI.GetProduct(ctx, created.Id).Execute()
	refused(err, 404)

	_, _, err = client.ManagingAPI.UpdateProduct(ctx, 1).IfMatch("*").ProductPatch(catalog.ProductPatch{Price: catalog.PtrFloat64(1)}).Execute()
	must(err)
	reverted, _, err := client.ManagingAPI.RevertProduct(ctx, 1).IfMatch("*").Execute()
	must(err)
	check(reverted.Price == mascara.Price)
	history, _, err := client.ManagingAPI.ListProductHistory(ctx, 1).Execute()
	must(err)
	check(history.History[0].Kind == catalog.UPDATED && history.History[0].By == catalog.ACCOUNT)
	changes, _, err := client.CatalogAPI.ListChanges(ctx).After(0).Limit(5).Execute()
	must(err)
	check(len(changes.Changes) == 5 && changes.Changes[0].Revision == 1)

	// The whole catalog out, and in again.
	file, _, err := client.CatalogAPI.ExportProducts(ctx).Category(categories).Execute()
	must(err)
	defer os.Remove(file.Name())
	report, _, err := client.ManagingAPI.ImportProducts(ctx).Mode(catalog.ALL_OR_NOTHING).DryRun(true).Body(file).Execute()
	must(err)
	check(report.Rows > 0 && report.Unchanged == report.Rows)

	edited, _, err := client.ManagingAPI.ReplaceCategory(ctx, "beauty").CategoryInput(catalog.CategoryInput{Name: catalog.PtrString("Care")}).Execute()
	must(err)
	check(edited.Name == "Care")
	_, err = client.ManagingAPI.RevertCategory(ctx, "beauty").Execute()
	must(err)

	status, _, err := client.ManagingAPI.StartSync(ctx).SyncInput(catalog.SyncInput{AcceptLoss: catalog.PtrBool(false)}).Execute()
	must(err)
	check(status.State == catalog.SAMPLE)
	state, _, err := client.ManagingAPI.GetSync(ctx).Execute()
	must(err)
	check(state.Catalog.State == catalog.SAMPLE)
	info, _, err := client.ServiceAPI.GetServiceInfo(ctx).Execute()
	must(err)
	check(info.Catalog.State == catalog.SAMPLE)
	_, _, err = client.ServiceAPI.CheckLiveness(ctx).Execute()
	must(err)
	readiness, _, err := client.ServiceAPI.CheckReadiness(ctx).Execute()
	must(err)
	check(len(readiness.Checks) > 0)
	keys, _, err := client.AuthAPI.ListPublicKeys(ctx).Execute()
	must(err)
	check(keys.Keys[0].Alg == "ES256")
	_, err = client.AuthAPI.SignOut(ctx).Execute()
	must(err)
	_, _, err = client.CatalogAPI.ListCategories(ctx).Execute()
	refused(err, 401)
}

// The problem of a request that has to be refused with that status.
func refused(err error, status int32) catalog.Problem {
	var failure *catalog.GenericOpenAPIError
	if !errors.As(err, &failure) {
		log.Panicf("%v instead of a refusal", err)
	}
	problem, ok := failure.Model().(catalog.Problem)
	check(ok && problem.Status == status)
	return problem
}

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
