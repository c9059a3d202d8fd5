"""Many photos at once: asked for over HTTP, planned and done by tasks from a queue.

A *batch* is a choice of stored photos, one model version and what to make of them. It is planned
*page* by page (a page of the listing, 5,000 photos), each page cut into *groups* of 16 photos, one
message of the queue each. What a group comes to is its *part*: one blob that is created and never
changed. Queues deliver at least once; because the parts are keyed by group and whoever comes second
creates nothing, every photo counts once.

    requests/{batch}.json                     what was asked for
    {batch}/items/{page}.json                 the photos of a page, as first listed
    {batch}/pages/{page}.json                 how many there are, and whether it is the last page
    {batch}/parts/{page}/{group}[.{photo}].json   what became of them
    {batch}/sums/{page}.json                  the parts of a page that is done, added up
    {batch}/stopped.json                      why it ends early
    {batch}/result.json                       its status when nothing was left

Modules: `request` (what may be asked for), `records` (the blobs), `part` (results that add up),
`planning`, `groups` (the work), `pages` (their results added up), `status`, `tasks` (the messages
of the queue), `uploads` (a single photo, when it is stored).
"""
