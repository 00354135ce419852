echo 'hullo, world'
