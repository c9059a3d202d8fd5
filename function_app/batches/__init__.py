"""Many photos at once: asked for over HTTP, planned and done by tasks from a queue.

A *batch* is a choice of stored photos, one model version and what to make of them. It is planned
*page* by page (a page of the listing, 5,000 photos), each page split into *groups* of 16 photos,
one message of the queue each. What becomes of a group is one line in the log of its page. Queues
deliver at least once; because the first line of a group counts, and any later one does not, every
photo counts once.

    requests/{batch}.json            what was asked for
    {batch}/items/{page}.json        the photos of a page, as first listed
    {batch}/pages.log                how many there are of each page, and which page is the last
    {batch}/results/{page}.log       what became of the page's groups
    {batch}/totals.log               the results added up, of each page that is done
    {batch}/stopped.json             why it ends early
    {batch}/sent_again/{time}.json   that what was left was sent again after the result of that time

Modules: `request` (what may be asked for), `batch_store` (the blobs), `results` (what adds up),
`messages` (of the queue), `tasks` (what they have done), `planning`, `groups` (the work), `status`,
`task_queue` (what requests send to the queue), `uploads` (a single photo, when it is stored).
"""
