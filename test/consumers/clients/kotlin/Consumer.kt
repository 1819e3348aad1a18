import example.catalog.apis.AuthApi
import example.catalog.apis.CatalogApi
import example.catalog.apis.ManagingApi
import example.catalog.apis.ServiceApi
import example.catalog.infrastructure.ApiClient
import example.catalog.infrastructure.ClientError
import example.catalog.infrastructure.ClientException
import example.catalog.infrastructure.Serializer
import example.catalog.infrastructure.Success
import example.catalog.models.Author
import example.catalog.models.Availability
import example.catalog.models.CatalogState
import example.catalog.models.CategoryInput
import example.catalog.models.ChangeKind
import example.catalog.models.Credentials
import example.catalog.models.ImportMode
import example.catalog.models.Problem
import example.catalog.models.ProductInput
import example.catalog.models.ProductPatch
import example.catalog.models.ProductSummary
import example.catalog.models.SyncInput
import java.net.URI
import kotlin.system.exitProcess

/** The problem of a request that has to be refused with that status. */
fun refused(status: Int, request: () -> Unit): Problem {
    try {
        request()
    } catch (exception: ClientException) {
        check(exception.statusCode == status)
        val body = (exception.response as ClientError<*>).body as String
        return checkNotNull(Serializer.moshi.adapter(Problem::class.java).fromJson(body))
    }
    error("it was not refused")
}

/** Uses every operation of the service by the generated client. Its argument is the address of the service. */
fun main(args: Array<String>) {
    val auth = AuthApi(args[0])
    val catalog = CatalogApi(args[0])
    val managing = ManagingApi(args[0])
    val service = ServiceApi(args[0])

    check(refused(401) { catalog.listProducts() }.status == 401)
    ApiClient.accessToken = auth.signIn(Credentials("admin", System.getenv("ADMIN_PASSWORD"))).token

    // All pages, one after the other.
    val found = mutableListOf<ProductSummary>()
    var cursor: String? = ""
    while (cursor != null) {
        val page = catalog.listProducts(limit = 70, cursor = cursor)
        found += page.products
        cursor = page.nextCursor
        check(cursor != null || found.size == page.total)
    }
    check(found.distinctBy { it.id }.size == found.size)

    val categories = listOf("beauty", "skin-care")
    val page = catalog.listProducts(
        q = "cream",
        category = categories,
        availability = listOf(Availability.inMinusStock, Availability.lowMinusStock),
        sort = "-price",
        facets = listOf("brand", "price"),
    )
    check(page.total > 0)
    check(page.products.all { it.category in categories })
    check(page.products.map { it.price } == page.products.map { it.price }.sortedDescending())
    check(page.facets!!.brand!!.first().count > 0)
    check(page.facets.price!!.first().minPrice >= 0)
    check(catalog.listCategories().categories.any { it.slug == "beauty" })

    val mascara = catalog.getProduct(1)
    check(mascara.sku == "BEA-0001")
    check(mascara.reviews.first().date.year > 2000)

    val problem = refused(404) { catalog.getProduct(2147483647) }
    check(problem.type == URI("urn:problem-type:product-catalog:product-not-found"))

    // Make, change and remove one.
    val input = ProductInput(
        sku = "KOTLIN-1",
        title = "Stoneware Mug",
        category = "kitchen-accessories",
        price = 12.5,
        thumbnail = URI("https://images.example/mug.webp"),
    )
    val created = managing.createProductWithHttpInfo(input, null) as Success
    val id = created.data!!.id
    val etag = created.headers.getValue("etag").first()
    check(managing.updateProduct(id, etag, ProductPatch(price = 9.5)).price == 9.5)
    refused(412) { managing.updateProduct(id, etag, ProductPatch(price = 1.0)) }
    check(refused(400) { managing.updateProduct(id, "*", ProductPatch(price = -1.0)) }.errors!!.first().pointer == "/price")
    managing.deleteProduct(id, "*")
    refused(404) { catalog.getProduct(id) }

    managing.updateProduct(1, "*", ProductPatch(price = 1.0))
    check(managing.revertProduct(1, "*").price == mascara.price)
    val latest = managing.listProductHistory(1).history.first()
    check(latest.kind == ChangeKind.updated && latest.by == Author.account)
    check(catalog.listChanges(after = 0, limit = 5).changes.map { it.revision } == listOf(1, 2, 3, 4, 5))

    // The whole catalog out, and in again.
    val file = catalog.exportProducts(category = categories)
    val report = managing.importProducts(file, ImportMode.allMinusOrMinusNothing, dryRun = true)
    file.delete()
    check(report.rows > 0 && report.unchanged == report.rows)

    check(managing.replaceCategory("beauty", CategoryInput(name = "Care")).name == "Care")
    managing.revertCategory("beauty")

    check(managing.startSync(SyncInput(acceptLoss = false)).state == CatalogState.sample)
    check(managing.getSync().catalog.state == CatalogState.sample)
    check(service.getServiceInfo().catalog.state == CatalogState.sample)
    service.checkLiveness()
    check(service.checkReadiness().checks.isNotEmpty())
    check(auth.listPublicKeys().propertyKeys.first().alg == "ES256")
    auth.signOut()
    refused(401) { catalog.listCategories() }
    exitProcess(0)
}
