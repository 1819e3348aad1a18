import static java.util.stream.Collectors.toList;

import example.catalog.ApiClient;
import example.catalog.ApiException;
import example.catalog.api.AuthApi;
import example.catalog.api.CatalogApi;
import example.catalog.api.ManagingApi;
import example.catalog.api.ServiceApi;
import example.catalog.model.Availability;
import example.catalog.model.CatalogState;
import example.catalog.model.CategoryInput;
import example.catalog.model.Change;
import example.catalog.model.ChangeKind;
import example.catalog.model.Credentials;
import example.catalog.model.ImportMode;
import example.catalog.model.ImportReport;
import example.catalog.model.Problem;
import example.catalog.model.Product;
import example.catalog.model.ProductInput;
import example.catalog.model.ProductPage;
import example.catalog.model.ProductPatch;
import example.catalog.model.ProductSummary;
import java.io.File;
import example.catalog.model.SyncInput;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/** Uses every operation of the service by the generated client. Its argument is the address of the service. */
public class Consumer {
  interface Request {
    Object send() throws ApiException;
  }

  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient().setBasePath(args[0]);
    AuthApi auth = new AuthApi(client);
    CatalogApi catalog = new CatalogApi(client);
    ManagingApi managing = new ManagingApi(client);
    ServiceApi service = new ServiceApi(client);

    equal(refused(401, () -> catalog.listProducts().execute()).getStatus(), 401);
    String password = System.getenv("ADMIN_PASSWORD");
    client.setBearerToken(auth.signIn(new Credentials().username("admin").password(password)).execute().getToken());

    // All pages, one after the other.
    List<ProductSummary> all = new ArrayList<>();
    ProductPage page;
    String cursor = "";
    do {
      page = catalog.listProducts().limit(70).cursor(cursor).execute();
      all.addAll(page.getProducts());
      cursor = page.getNextCursor();
    } while (cursor != null);
    equal(all.size(), page.getTotal());
    equal(new HashSet<>(all.stream().map(ProductSummary::getId).collect(toList())).size(), all.size());

    List<String> categories = List.of("beauty", "skin-care");
    page = catalog.listProducts().q("cream").category(categories).availability(List.of(Availability.IN_STOCK, Availability.LOW_STOCK))
        .sort("-price").facets(List.of("brand", "price")).execute();
    check(page.getTotal() > 0);
    check(page.getProducts().stream().allMatch(product -> categories.contains(product.getCategory())));
    List<Double> prices = page.getProducts().stream().map(ProductSummary::getPrice).collect(toList());
    equal(prices, prices.stream().sorted((a, b) -> Double.compare(b, a)).collect(toList()));
    check(page.getFacets().getBrand().get(0).getCount() > 0);
    check(page.getFacets().getPrice().get(0).getMinPrice() >= 0);
    check(catalog.listCategories().execute().getCategories().stream().anyMatch(category -> category.getSlug().equals("beauty")));

    Product mascara = catalog.getProduct(1).execute();
    equal(mascara.getSku(), "BEA-0001");
    check(mascara.getReviews().get(0).getDate().getYear() > 2000);

    Problem problem = refused(404, () -> catalog.getProduct(2147483647).execute());
    equal(problem.getType(), URI.create("urn:problem-type:product-catalog:product-not-found"));
    equal(problem.getStatus(), 404);

    // Make, change and remove one.
    var created = managing.createProduct(new ProductInput().sku("JAVA-1").title("Stoneware Mug").category("kitchen-accessories")
        .price(12.5).thumbnail(URI.create("https://images.example/mug.webp"))).executeWithHttpInfo();
    Integer id = created.getData().getId();
    String etag = created.getHeaders().get("ETag").get(0);
    equal(managing.updateProduct(id, etag, new ProductPatch().price(9.5)).execute().getPrice(), 9.5);
    equal(refused(412, () -> managing.updateProduct(id, etag, new ProductPatch().price(1.0)).execute()).getStatus(), 412);
    equal(refused(400, () -> managing.updateProduct(id, "*", new ProductPatch().price(-1.0)).execute()).getErrors().get(0).getPointer(), "/price");
    managing.deleteProduct(id, "*").execute();
    refused(404, () -> catalog.getProduct(id).execute());

    managing.updateProduct(1, "*", new ProductPatch().price(1.0)).execute();
    equal(managing.revertProduct(1, "*").execute().getPrice(), mascara.getPrice());
    equal(managing.listProductHistory(1).execute().getHistory().get(0).getKind(), ChangeKind.UPDATED);
    List<Change> changes = catalog.listChanges().after(0).limit(5).execute().getChanges();
    equal(changes.get(0).getRevision(), 1);

    // The whole catalog out, and in again.
    File file = catalog.exportProducts().category(categories).execute();
    ImportReport report = managing.importProducts(file).mode(ImportMode.ALL_OR_NOTHING).dryRun(true).execute();
    file.delete();
    check(report.getRows() > 0);
    equal(report.getUnchanged(), report.getRows());

    equal(managing.replaceCategory("beauty", new CategoryInput().name("Care")).execute().getName(), "Care");
    managing.revertCategory("beauty").execute();

    equal(managing.startSync().syncInput(new SyncInput().acceptLoss(false)).execute().getState(), CatalogState.SAMPLE);
    equal(managing.getSync().execute().getCatalog().getState(), CatalogState.SAMPLE);
    equal(service.getServiceInfo().execute().getCatalog().getState(), CatalogState.SAMPLE);
    service.checkLiveness().execute();
    check(service.checkReadiness().execute().getChecks().size() > 0);
    equal(auth.listPublicKeys().execute().getKeys().get(0).getAlg(), "ES256");
    auth.signOut().execute();
    refused(401, () -> catalog.listCategories().execute());
    System.exit(0);
  }

  /** The problem of a request that has to be refused with that status. */
  static Problem refused(int status, Request request) {
    try {
      request.send();
    } catch (ApiException exception) {
      equal(exception.getCode(), status);
      return exception.getErrorObject();
    }
    throw new AssertionError("it was not refused");
  }

  static void equal(Object found, Object wanted) {
    if (!Objects.equals(found, wanted)) throw new AssertionError(found + " instead of " + wanted);
  }

  static void check(boolean claim) {
    if (!claim) throw new AssertionError();
  }
}
